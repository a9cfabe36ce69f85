#!/usr/bin/env bash
# How time and memory grow: over steps, batch, width, image size, cells, ranks.
# Arguments: the programs bench_engine and spikesweep, and a folder, which gets
# a table of numbers for each and one picture of all (growth.svg, growth.png).
# Prints the exponents p of "time ~ x^p", fitted and of the last doubling, and
# says where one is larger than the work's own. Tests nothing.
set -eu
engine=$(realpath "$1") spikesweep=$(realpath "$2") folder=$3
mkdir -p "$folder"
folder=$(realpath "$folder")
load=$(cut -d' ' -f1 /proc/loadavg)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_mpi_yield_when_idle=1

# training steps ------------------------------------------------------------

# A line of file NAME: x, CPU milliseconds of a training step (lower quartile),
# peak memory in MB.
step() { # name, x, net, steps, settings...
    local name=$1 x=$2 out
    shift 2
    out=$("$engine" step "$@")
    awk -v x="$x" '{ print x, 1e3 * $2, $3 }' <<<"$out" >>"$folder/$name.txt"
}

grow_steps() {
    for t in 1 2 4 8 16 32; do
        step steps_b $t b 7 network.n_steps=$t training.batch_size=32
        step steps_vgg11 $t c 3 network.n_steps=$t training.batch_size=4
    done
}

grow_batch() {
    for n in 8 16 32 64 128 256; do
        step batch $n b 7 training.batch_size=$n
    done
}

grow_width() {
    for w in 16 32 64 128; do
        step width $w b 5 training.batch_size=16 "network.channels=[$w, $((2 * w))]" \
            network.hidden=[$((4 * w))]
    done
}

grow_image() {
    for side in 8 16 32 64 128; do
        step image $side b 5 training.batch_size=16 dataset=synthetic dataset.n_classes=10 \
            dataset.height=$side dataset.width=$side
    done
}

# sweeps --------------------------------------------------------------------

# A line of file NAME: x, CPU milliseconds of all processes, largest peak memory
# of a rank in MB, milliseconds on the clock for the tasks, memory of all ranks.
sweep() { # name, x, ranks, cells, seconds that a trial sleeps
    cat >"$work/grow.cfg" <<CFG
dataset = "synthetic";
training = { kind = "dummy"; sleep_s = $5; };
seeds = $4;
CFG
    rm -rf "$work/grow.sweep" "$work/needs"
    mpirun --oversubscribe --bind-to none -n "$3" "$engine" watch "$work/needs" "$spikesweep" run "$work/grow.cfg" \
        -o "$work/grow.sweep" --timing --progress none >"$work/words" 2>&1 || { cat "$work/words" >&2; exit 1; }
    wall=$(sed -n 's/^rank 0 itself: .* tasks in \([0-9.]*\) s .*/\1/p' "$work/words")
    awk -v x="$2" -v wall="$wall" '{ cpu += $1; sum += $2; if ($2 > most) most = $2 }
        END { print x, 1e3 * cpu, most, 1e3 * wall, sum }' "$work/needs" >>"$folder/$1.txt"
}

grow_cells() {
    for n in 250 500 1000 2000 4000; do
        sweep cells $n 2 $n 0
    done
}

# As much to do for each rank, and hardly any of it by the processor.
grow_ranks() {
    for n in 1 2 4 8 16; do
        sweep ranks $n $n $((20 * n)) 0.3
    done
}

# what came of it ------------------------------------------------------------

# Fits the column's logarithm to that of the first; `own` is the exponent that
# the work itself has.
report() { # name, column, own, what
    awk -v column="$2" -v own="$3" -v what="$4" '
        { x[NR] = log($1); y[NR] = log($column); sx += x[NR]; sy += y[NR]; value = $column
          if (NR == 1) from = value }
        END { for (i = 1; i <= NR; i++) { a += (x[i] - sx / NR) * (y[i] - sy / NR); b += (x[i] - sx / NR) ^ 2 }
            last = (y[NR] - y[NR - 1]) / (x[NR] - x[NR - 1])
            printf "  %-46s %6g .. %-6g %9.1f .. %-9.1f %6.2f %6.2f %5d%s\n", what, exp(x[1]), exp(x[NR]), from, value,
                a / b, last, own, (a / b > own + 0.1 || last > own + 0.2) ? "   MORE" : "" }' "$folder/$1.txt"
}

print_report() {
    cat <<'TEXT'
Growth: y ~ x^p. p is fitted to all values; "last" is that of the last two; "work" is that of what there
is to do. MORE marks what grows faster than its work (by 0.1 in the fit, or 0.2 at the end).

                                                        x                   y               p   last  work
TEXT
    report steps_b 2 1 "T: net b, B 32, CPU ms a step"
    report steps_b 3 1 "   peak memory, MB"
    report steps_vgg11 2 1 "T: VGG-11, B 4, CPU ms a step"
    report steps_vgg11 3 1 "   peak memory, MB"
    report batch 2 1 "batch: net b, T 4, CPU ms a step"
    report batch 3 1 "   peak memory, MB"
    report width 2 2 "channels w: net b of w, 2w, 4w; CPU ms a step"
    report width 3 2 "   peak memory, MB"
    report image 2 2 "image's side: net b, B 16, CPU ms a step"
    report image 3 2 "   peak memory, MB"
    report cells 2 1 "cells: 2 ranks, CPU ms of all processes"
    report cells 4 1 "   ms on the clock"
    report cells 3 1 "   peak memory of the larger rank, MB"
    report ranks 4 0 "ranks: 20 cells each that sleep, ms on the clock"
    report ranks 2 1 "   CPU ms of all processes"
    report ranks 5 1 "   memory of all ranks together, MB"
}

draw() { # terminal, file
    gnuplot <<PLOT
set terminal $1
set output "$folder/$2"
set multiplot layout 2, 3 margins 0.055, 0.985, 0.085, 0.93 spacing 0.065, 0.15
set logscale xy 2
set format y "%g"
set grid lc rgb "#cccccc" lw 0.7
set border 3 lc rgb "#555555"
set tics nomirror
set key top left reverse Left samplen 2
set style line 1 lc rgb "#1f6fb4" lw 2 pt 7 ps 0.7
set style line 2 lc rgb "#d9541e" lw 2 pt 5 ps 0.7
set style line 3 lc rgb "#7fb2dd" lw 2 pt 6 ps 0.7
set style line 4 lc rgb "#f0a97f" lw 2 pt 4 ps 0.7
set style line 9 lc rgb "#888888" lw 1 dt 3
first(name, column) = real(system(sprintf("awk 'NR == 1 { print \$%d }' '$folder/%s.txt'", column, name)))
rel(name, column) = sprintf("'$folder/%s.txt' using 1:(column(%d) / %.9g)", name, column, first(name, column))
work(name, p) = sprintf("(x / %.9g) ** %g with lines ls 9 title 'as the work'", first(name, 1), p)
set ylabel "times the first value"
set yrange [1:*]
set title "Time steps T"
eval "plot [1:32] " . work("steps_b", 1) . ", " . \\
    rel("steps_b", 2) . " with linespoints ls 1 title 'net b, time', " . \\
    rel("steps_b", 3) . " with linespoints ls 2 title 'net b, memory', " . \\
    rel("steps_vgg11", 2) . " with linespoints ls 3 title 'VGG-11, time', " . \\
    rel("steps_vgg11", 3) . " with linespoints ls 4 title 'VGG-11, memory'"
unset ylabel
set title "Images in a batch"
eval "plot [8:256] " . work("batch", 1) . ", " . \\
    rel("batch", 2) . " with linespoints ls 1 title 'time', " . \\
    rel("batch", 3) . " with linespoints ls 2 title 'memory'"
set title "Channels w; layers of w, 2w, 4w"
eval "plot [16:128] " . work("width", 2) . ", " . \\
    rel("width", 2) . " with linespoints ls 1 title 'time', " . \\
    rel("width", 3) . " with linespoints ls 2 title 'memory'"
set ylabel "times the first value"
set title "Side of the images"
eval "plot [8:128] " . work("image", 2) . ", " . \\
    rel("image", 2) . " with linespoints ls 1 title 'time', " . \\
    rel("image", 3) . " with linespoints ls 2 title 'memory'"
unset ylabel
set xtics (250, 500, 1000, 2000, 4000)
set title "Cells, on 2 ranks"
eval "plot [250:4000] " . work("cells", 1) . ", " . \\
    rel("cells", 2) . " with linespoints ls 1 title 'CPU time', " . \\
    rel("cells", 4) . " with linespoints ls 3 title 'time on the clock', " . \\
    rel("cells", 3) . " with linespoints ls 2 title 'memory of a rank'"
set xtics autofreq
set yrange [0.5:*]
set title "Ranks, 20 sleeping cells for each"
eval "plot [1:16] " . work("ranks", 1) . ", " . \\
    rel("ranks", 2) . " with linespoints ls 1 title 'CPU time', " . \\
    rel("ranks", 4) . " with linespoints ls 3 title 'time on the clock', " . \\
    rel("ranks", 5) . " with linespoints ls 2 title 'memory of all'"
PLOT
}

rm -f "$folder"/{steps_b,steps_vgg11,batch,width,image,cells,ranks}.txt
grow_steps
grow_batch
grow_width
grow_image
grow_cells
grow_ranks
echo "$(nproc) cores, load before $load."
print_report
draw 'pngcairo size 1500, 900 font "Sans,11"' growth.png
draw 'svg size 1500, 900 dynamic font "Sans,13"' growth.svg
echo
echo "Took $((SECONDS / 60)) min $((SECONDS % 60)) s; numbers and pictures: $folder (growth.png, growth.svg)"
