"""The connection breaks, stalls or trickles at a message, or an answer to COMMIT or EXEC never arrives."""

import signal

from comparison import check_now, finish
from fault_proxy import NO_FAULT, Fault
from situations import BY_NAME
from writer import Writer

REQUEST_TEXTS = {"eat_commit": b"COMMIT\0", "eat_exec": b"\r\nEXEC\r\n"}
EAT_MODES = ("after", "before", "half", "hold")
MESSAGE_MODES = ("cut", "stall", "trickle")
# What the program waits for an answer of Redis where one will not come; PostgreSQL's connection is cut by the proxy.
REDIS_TIMEOUT_MS = 250


def proxy_for(bench, case):
    redis = case.kind in ("eat_exec", "redis_message", "redis_count")
    return bench.redis_proxy() if redis else bench.postgres_proxy()


def eaten(bench, case, rng):
    """Points: mode@N, the N-th COMMIT or EXEC. With hold the program dies waiting for the answer."""
    mode, at = case.points[0].split("@")
    proxy = proxy_for(bench, case)
    with bench.prepared(case, rng, proxy, Fault(mode, int(at), "request", REQUEST_TEXTS[case.kind])) as day:
        run = day.start(BY_NAME[case.situation].command)
        if mode == "hold":
            while not proxy.struck.wait(0.02) and not run.has_ended():
                pass
            run.signal(signal.SIGKILL)
            proxy.release()
        day.end(run)
        finish_after(bench, day, proxy)


def message(bench, case, rng):
    """Points: side, mode@N. The N-th message of one direction, counted over all connections of the run."""
    side, (mode, at) = case.points[0], case.points[1].split("@")
    proxy = proxy_for(bench, case)
    with bench.prepared(case, rng, proxy, Fault(mode, int(at), side), redis_timeout_ms=REDIS_TIMEOUT_MS) as day:
        situation = BY_NAME[case.situation]
        with Writer(day, situation.may_count and rng.random() < 0.5):
            day.run(situation.command)
        finish_after(bench, day, proxy)


def finish_after(bench, day, proxy):
    if not proxy.struck.is_set():
        bench.missed()
    proxy.release()
    check_now(day)
    finish(day)


def count_messages(bench, case, rng):
    """Nothing is harmed; tells how many messages go each way."""
    proxy = proxy_for(bench, case)
    with bench.prepared(case, rng, proxy, NO_FAULT) as day:
        day.run(BY_NAME[case.situation].command)
        bench.result.messages = dict(proxy.messages)
        finish(day)


KINDS = {"eat_commit": eaten, "eat_exec": eaten, "postgres_message": message, "redis_message": message,
         "postgres_count": count_messages, "redis_count": count_messages}
