"""What every peer shares: one line in, one round of work, one line out (seconds, peak resident bytes)."""
import json
import os
import resource
import sys
import time


def serve(setup, work):
    """Calls setup once, then work(state) for each line on standard input, and prints how long it took."""
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(os.cpu_count())  # as ours; Debian's build takes half of the processors
    state = setup(*sys.argv[1:])
    print(json.dumps({"ready": True}), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        value = work(state)
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps({"seconds": seconds, "peak_bytes": peak, "value": value}), flush=True)
