#!/usr/bin/env bash
# Side by side with SpikingJelly, on its PyTorch. Arguments: the programs
# bench_engine and spikesweep. SPIKINGJELLY is the folder that holds the package
# spikingjelly; see tests/bench_peers.py for the rest.
set -eu
python=/usr/bin/python3
if ! $python -c 'import torch, h5py' 2>/dev/null; then
    apt=(apt-get)
    [ "$(id -u)" -eq 0 ] || apt=(sudo apt-get)
    echo "installing: python3-torch python3-h5py"
    "${apt[@]}" install -y -qq --no-install-recommends python3-torch python3-h5py >/dev/null || {
        echo "bench-peers needs: sudo apt-get install python3-torch python3-h5py" >&2
        exit 1
    }
fi
if [ ! -d "${SPIKINGJELLY:-/nowhere}/spikingjelly" ]; then
    cat >&2 <<'TEXT'
bench-peers needs SpikingJelly and is told where it is:
    pip install --target FOLDER --no-deps spikingjelly==0.0.0.0.14
    make bench-peers SPIKINGJELLY=FOLDER
TEXT
    exit 1
fi
# Without these the peer spends much of its time on giving memory back to the
# system and asking for it again.
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=17179869184
OMP_NUM_THREADS=1 PYTHONPATH=$SPIKINGJELLY $python "$(dirname "$0")/bench_peers.py" "$@"
