"""The disk is full at the k-th write of a snapshot or of state.db.

Root gives the files a small tmpfs of their own, on which k pages are left free. Others, and root where it may not
mount, limit the size of the files that the program may write: the k-th page of a file then fails.
"""

import contextlib
import ctypes
import os
import resource

from case import Case
from comparison import check_now, finish, in_redis
from violation import Violation

PAGE = 4096
FILES = {"snapshot": "snapshots", "state": "."}  # which folder of the home is small
PAGES = {"snapshot": 120, "state": 24}  # that a first run writes, and some more

LIBC = ctypes.CDLL(None, use_errno=True)
DETACH = 2  # MNT_DETACH


@contextlib.contextmanager
def small_disk(day, file, pages):
    """Leaves room for so many pages; ends with enough room again. The files stay."""
    if not mounted(os.path.join(day.home, FILES[file]), day, file):
        day.program.limits = {resource.RLIMIT_FSIZE: pages * PAGE}
        yield
        day.program.limits = {}
        return
    folder = os.path.join(day.home, FILES[file])
    try:
        filler = fill_up(folder, pages)
        yield
        os.remove(filler)
    except BaseException:
        LIBC.umount2(folder.encode(), DETACH)
        raise


def mounted(folder, day, file):
    os.makedirs(folder)
    size = 4 << 20
    if os.getuid() != 0 or LIBC.mount(b"tmpfs", folder.encode(), b"tmpfs", 0, f"size={size},mode=700".encode()) != 0:
        return False
    if file == "state":  # the snapshots have room enough elsewhere
        roomy = os.path.join(day.folder, "snapshots")
        os.makedirs(roomy)
        os.symlink(roomy, os.path.join(folder, "snapshots"))
    return True


def fill_up(folder, pages):
    state = os.statvfs(folder)
    filler = os.path.join(folder, "filler")
    with open(filler, "wb") as out:
        out.write(b"x" * (state.f_bavail * state.f_frsize - pages * PAGE))
    return filler


def full_disk(bench, case, rng):
    """Points: file@k. Nothing is removed while the day is not done; with room again it ends as ever."""
    file, pages = case.points[0].split("@")
    with bench.prepared(case, rng) as day:
        before = in_redis(day)
        with small_disk(day, file, int(pages)):
            run = day.run()
            if run.exit_code == 0:
                bench.missed()  # room enough, or the journal alone was lost
            elif in_redis(day) != before:
                raise Violation(f"the disk is full and something was removed: {run.text().strip()[-1500:]}")
            elif not names_the_cause(run.text()):
                raise Violation(f"the failure does not tell of the disk: {run.text().strip()[-1500:]}")
            check_now(day)
        finish(day)
        unmount(day, file)


def names_the_cause(text):
    text = text.lower()
    return any(word in text for word in ("full", "no space", "disk i/o", "too large"))


def unmount(day, file):
    LIBC.umount2(os.path.join(day.home, FILES[file]).encode(), DETACH)  # refused where nothing is mounted


def cases(rng, number):
    """So many places for each file; negative: every page."""
    chosen = []
    for file, pages in PAGES.items():
        places = range(pages) if number < 0 else sorted(rng.sample(range(pages), min(number, pages)))
        chosen += [Case("disk_full", "attach", "first", (f"{file}@{page}",)) for page in places]
    return chosen


KINDS = {"disk_full": full_disk}
