"""Two processes of one run whose clocks differ: do they stop at the same step?"""

import os
import socket
import sys
import time
from pathlib import Path

import tiny
import torch.multiprocessing as processes
from accelerate import PartialState
from transformers import TrainerControl, TrainerState

from training.schedule import Stop

WHERE = Path(sys.argv[1])
HOUR = 3600.0


def run(rank, port):
    os.environ.update(
        RANK=str(rank), LOCAL_RANK=str(rank), WORLD_SIZE="2",
        MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port),
        ACCELERATE_USE_CPU="true",
    )  # fmt: skip
    state = PartialState(cpu=True)
    stop = Stop(0, 1.0)
    stop.until = time.monotonic() + (-HOUR if rank == 0 else HOUR)
    stop.on_step_end(None, TrainerState(global_step=1), TrainerControl())
    (WHERE / str(rank)).write_text(f"{state.num_processes} {stop.fired}")
    state.destroy_process_group()


if __name__ == "__main__":
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        chosen = free.getsockname()[1]
    processes.spawn(run, args=(chosen,), nprocs=2)
    tiny.told(said=[(WHERE / str(rank)).read_text() for rank in (0, 1)])
