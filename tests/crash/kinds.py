"""Every kind of case, and the function that does it."""

import full_disk
import message_faults
import restored_redis
import scenarios
import server_faults

KINDS = {**scenarios.KINDS, **message_faults.KINDS, **server_faults.KINDS, **restored_redis.KINDS, **full_disk.KINDS}
