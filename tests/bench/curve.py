"""curve.py CURVE.json SIZE.json...: one file of what `run --json` wrote for each size, without the single rounds."""

import json
import pathlib
import sys


def main():
    measured = [json.loads(pathlib.Path(path).read_text()) for path in sys.argv[2:]]
    measured.sort(key=lambda size: size["fields"])
    curve = {
        "machine": measured[0]["machine"],
        "sizes": [
            {"fields": size["fields"], "rounds": len(size["rounds"]), "summary": size["summary"]} for size in measured
        ],
    }
    pathlib.Path(sys.argv[1]).write_text(json.dumps(curve, indent=2) + "\n")


if __name__ == "__main__":
    main()
