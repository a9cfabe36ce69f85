# Sourced by the test scripts that run sweeps, after lib.sh: small experiments,
# several ranks on few cores, the digest of all results.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_btl_vader_single_copy_mechanism=none
export SPIKESWEEP_CACHE=$WORK/cache
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0}

# A real sweep in seconds: both stages, several encodings and regularizers, a
# cell that diverges.
small_experiment() { # FILE [N_TRAIN [N_SEEDS]]
    cat >"$1" <<TEXT
dataset     = { kind = "synthetic"; n_train = ${2:-256}; n_test = 64; height = 8; width = 8; };
network     = { kind = "mlp"; hidden = [32]; n_steps = 4; };
encoding    = [ "direct", "poisson" ];
regularizer = ( { kind = "none"; }, { kind = "mpd_sgr"; weight = 0.5; } );
training    = ( { kind = "bptt"; n_epochs = 2; batch_size = 32; seed = { from = 1; to = ${3:-2}; count = ${3:-2}; }; },
                { kind = "dummy"; end = [ "done", "diverge" ]; } );
attacks     = ( { kind = "fgsm"; }, { kind = "pgd"; n_steps = 5; n_draws = 2; }, { kind = "gaussian"; } );
exclude     = ( { training = "dummy"; encoding = "poisson"; },
                { training = "dummy"; regularizer = "mpd_sgr"; } );
TEXT
}

on_ranks() { # N COMMAND...
    local n=$1
    shift
    if [ "$n" -eq 0 ]; then "$@"; else mpirun --oversubscribe -n "$n" "$@"; fi
}

# The digest of all results, as the file itself states it.
results_digest() { # DIR
    h5dump -a /results_digest "$1/sweep.h5" | grep -oE '[0-9a-f]{32}'
}

# A number among the attributes of the file.
result_number() { # DIR NAME
    h5dump -a "/$2" "$1/sweep.h5" | sed -n 's/.*(0): \([0-9]*\)$/\1/p'
}

# Every .h5 file of a folder opens and can be read to its end.
h5_files_readable() { # DIR
    local file
    for file in "$1"/*.h5 "$1"/models/*.h5; do
        [ -e "$file" ] || continue
        h5dump -H "$file" >/dev/null || { echo "not readable: $file"; return 1; }
    done
}
