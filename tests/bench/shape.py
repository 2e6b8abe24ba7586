"""In how many hashes the day lies, how many fields each of them has, and the pipeline that reads them.

Two: clicklog_keys:<day> and viewlog_keys:<day>, read by pipelines/ad_ctr.json. More: half of them clicks, half
impressions, clicklog_keys:<day>:0 and so on, each pair a shard with advertisements of its own. The redis_hash source
reads one measure from one hash, so that every hash has a measure, and `derive` adds up a row's.
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
        shards = range(self.hashes // 2)
        pipeline["source"]["config"]["measures"] = {
            f"{measure}_{shard}": f"{prefix}:{{date:%Y%m%d}}:{shard}"
            for measure, prefix in MEASURES.items()
            for shard in shards
        }
        sums = {
            measure: "int64 = " + " + ".join(f"{measure}_{shard}" for shard in shards) for measure in MEASURES
        }
        pipeline["transforms"] = [
            {"plugin": "derive", "config": {"columns": sums}},
            {"plugin": "select", "config": {"columns": ["ad_id", "search_word", *MEASURES]}},
            *pipeline["transforms"],
        ]
        path = folder / "many_hashes.json"
        path.write_text(json.dumps(pipeline, indent=2, ensure_ascii=False) + "\n")
        return path
