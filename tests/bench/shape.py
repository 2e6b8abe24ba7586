"""In how many hashes the day lies, how many fields each of them has, and the pipeline that reads them.

Two: clicklog_keys:<day> and viewlog_keys:<day>, read by pipelines/ad_ctr.json. More: half of them clicks, half
impressions, clicklog_keys:<day>:0 and so on, each pair a shard with advertisements of its own.
"""

import json

from stand import PIPELINE

MEASURES = {"clicks": "clicklog_keys", "impressions": "viewlog_keys"}


class Shape:
    def __init__(self, hashes, fields):
        self.hashes = hashes
        self.fields = fields
        self.rows = fields * (hashes // 2)

    def is_plain(self):
        """The shape that the other programs know."""
        return self.hashes == 2

    def __str__(self):
        number = "two" if self.is_plain() else f"{self.hashes:,}"
        return f"{self.fields:,} fields in each of {number} hashes"

    def keys(self, day):
        shards = [""] if self.is_plain() else [f":{shard}" for shard in range(self.hashes // 2)]
        return [f"{prefix}:{day}{shard}" for prefix in MEASURES.values() for shard in shards]

    def pipeline(self, folder):
        """The file of the pipeline; of more than two hashes it is written into the folder."""
        if self.is_plain():
            return PIPELINE
        pipeline = json.loads(PIPELINE.read_text())
        del pipeline["$schema"]
        pipeline["source"]["config"]["measures"] = {
            measure: f"{prefix}:{{date:%Y%m%d}}:{{0..{self.hashes // 2 - 1}}}" for measure, prefix in MEASURES.items()
        }
        path = folder / "many_hashes.json"
        path.write_text(json.dumps(pipeline, indent=2, ensure_ascii=False) + "\n")
        return path
