#!/usr/bin/env bash
# Networks that go out to other programs and come in from them, and what those
# compute of them. The other programs are Python packages, looked for in
# build/exchange (docs/exchange.md says how to make it).
. "$(dirname "$0")/lib.sh"
here=$(realpath "$(dirname "$0")")
python=${EXCHANGE_PYTHON:-$here/../build/exchange/bin/python}
[ -x "$python" ] || python=/usr/bin/python3
cd "$WORK" || exit 1

cat >nets.cfg <<'TEXT'
dataset = { kind = "synthetic"; n_train = 400; n_test = 60; height = 8; width = 8; n_channels = 2; noise = 0.4; };
network = ( { kind = "mlp"; hidden = [24]; n_steps = 5; },
            { kind = "csnn"; channels = [6]; hidden = [16]; n_steps = 5; } );
neuron = ( { kind = "lif"; leak = 0.9; }, { kind = "if"; } );
normalization = [ "none", "tdbn" ];
optimizer = "adam";
training = { n_epochs = 4; batch_size = 20; };
attacks = { kind = "fgsm"; epsilons = [0, 8/255]; n_samples = 20; };
exclude = ( { network = "mlp"; normalization = "tdbn"; } );
TEXT
mapfile -t cells < <("$SPIKESWEEP" plan nets.cfg | awk '$1 ~ /^[0-9]+$/ && length($2) == 8 { print $1 }')

sweeps() { "$SPIKESWEEP" run nets.cfg -o nets --progress none >/dev/null; }
expect "a sweep of six networks runs" sweeps

refuses() { # PATTERN ARGUMENTS...: with exit status 2
    local pattern=$1
    shift
    "$SPIKESWEEP" "$@" >said 2>&1
    [ $? -eq 2 ] && grep -qE -e "$pattern" said || { cat said; return 1; }
}

expect "nothing to write is refused" refuses 'allowed are --nir FILE' export nets 0
expect "a cell that is not there is refused" refuses 'allowed is a number below 6' export nets 77 --nir a.nir
expect "a sweep by itself is no model" refuses 'or a sweep.s folder and a cell' export nets --nir a.nir
expect "a model has no cell" refuses 'nets.cfg is no folder' export nets.cfg 0 --nir a.nir
expect "what is no HDF5 is refused" refuses 'nets.cfg' import nets.cfg -o a.h5
expect "an import needs a name for its model" refuses '-o MODEL is missing' import nets.cfg

# out, and in again ---------------------------------------------------

exports() {
    for cell in "${cells[@]}"; do
        "$SPIKESWEEP" export nets "$cell" --nir "n$cell.nir" --vectors "v$cell.h5" --samples 6 \
            --attack "attack = fgsm; attack.epsilons = [0.05]" --attack "attack = bim; attack.epsilons = [0.05]" \
            --attack "attack = pgd; attack.epsilons = [0.05]" --attack "attack = mim; attack.epsilons = [0.05]" \
            --attack "attack = pgd_l2; attack.epsilons = [0.5]" &&
            "$SPIKESWEEP" export nets "$cell" --vectors "u$cell.h5" --samples 6 --unit-r --sum-pool || return 1
    done
}
expect "there are six networks" [ "${#cells[@]}" -eq 6 ]
expect "they are written as NIR, and what attacks do to them" exports

imports() {
    for cell in "${cells[@]}"; do
        "$SPIKESWEEP" import "n$cell.nir" -o "m$cell.h5" >said &&
            "$SPIKESWEEP" export "m$cell.h5" --vectors "w$cell.h5" --samples 6 || return 1
    done
}
expect "they are read back" imports

# attacked ------------------------------------------------------------

cat >attacks.cfg <<'TEXT'
dataset = { kind = "synthetic"; n_train = 400; n_test = 60; height = 8; width = 8; n_channels = 2; noise = 0.4; };
attacks = { kind = "fgsm"; epsilons = [0, 8/255]; n_samples = 20; };
TEXT
# Accuracies of the only, or the third cell: clean and attacked.
accuracies() { h5dump -m %.10g -y -w 1 -d "$2" "$1/sweep.h5" | grep -E '^ *[0-9.]+,?$' | tr -d ' ,'; }
evaluates() {
    "$SPIKESWEEP" evaluate m2.h5 attacks.cfg -o eval.sweep --progress none &&
        "$SPIKESWEEP" status eval.sweep >said && grep -q 'every one of 1 cells and 2 tasks' said
}
same_figures() {
    "$SPIKESWEEP" run nets.cfg --only 2 -o one --progress none >/dev/null
    for figure in trials/clean_accuracy trials/clean_loss robustness/robust_accuracy; do
        accuracies one "$figure" >a && accuracies eval.sweep "$figure" >b && [ -s a ] && cmp a b || return 1
    done
}
expect "evaluate attacks an imported model" evaluates
expect "and finds what the sweep found that had trained it" same_figures
expect "again it finds all done" evaluates
echo '# mine' >mine.cfg
expect "evaluate writes over no file" refuses 'mine.cfg is there and says something else' evaluate m2.h5 attacks.cfg -o mine.sweep
expect "evaluate needs a folder" refuses '-o DIR is missing' evaluate m2.h5 attacks.cfg
sed 's/height = 8/height = 6/' attacks.cfg >small.cfg
expect "data of another size are refused" refuses "m2.h5 does not fit this network and data" evaluate m2.h5 small.cfg -o tiny.sweep

# tensors --------------------------------------------------------------

csnn='network = csnn; network.channels = [6]; network.hidden = [16]; network.n_steps = 5; neuron.leak = 0.9'
weights_come_back() { # CELL NORMALIZATION
    "$SPIKESWEEP" export nets "$1" --weights weights.h5 &&
        "$SPIKESWEEP" import weights.h5 -o t.h5 --input 2x8x8 --classes 4 --set "$csnn; normalization = $2" >said || return 1
    "$SPIKESWEEP" export t.h5 --weights again.h5 && h5diff weights.h5 again.h5 /weights /weights
}
expect "tensors that were written come back" weights_come_back 2 none
expect "those of normalizations among them" weights_come_back 4 tdbn
expect "tensors need a network" refuses 'say which it is' import weights.h5 -o t.h5
expect "a tensor of another shape is refused" refuses 'tensor block0.weight is 6 x 2 x 3 x 3, allowed is 7 x 2 x 3 x 3' \
    import weights.h5 -o t.h5 --input 2x8x8 --classes 4 --set "${csnn/\[6\]/[7]}; normalization = tdbn"
expect "a tensor that is missing is refused" refuses 'has no tensor for (block|readout)[0-9]*.weight' \
    import weights.h5 -o t.h5 --input 2x8x8 --classes 4 --set "${csnn/\[16\]/[16, 16]}; normalization = tdbn"

# recordings of events ---------------------------------------------------

# Two recordings a class, 60 events each, that go along a line of the class' own.
record() { # FILE CLASS NUMBER
    awk -v c="$2" -v k="$3" 'BEGIN { for (i = 0; i < 60; i++) { t = 997 * i + k
        printf "%d %d %d %d %d ", (3 * c + i * (1 + c % 3)) % 34, (i * (1 + c % 2) + k) % 34,
            128 * (i % 2) + int(t / 65536), int(t / 256) % 256, t % 256 } }' |
        awk '{ for (i = 1; i <= NF; i++) printf "\\%03o", $i }' >octal
    printf "$(cat octal)" >"$1"
}
for class in 0 1 2 3 4 5 6 7 8 9; do
    mkdir -p "events/Train/$class" "events/Test/$class"
    record "events/Train/$class/a.bin" "$class" 0
    record "events/Train/$class/b.bin" "$class" 1
    record "events/Test/$class/c.bin" "$class" 2
done
converts() {
    "$SPIKESWEEP" convert events events/train.h5 >said && grep -q '20 recordings, 1200 events' said &&
        "$SPIKESWEEP" convert events events/test.h5 --part Test >said && grep -q '10 recordings, 600 events' said &&
        "$SPIKESWEEP" convert events/train.h5 back >said && "$SPIKESWEEP" convert events/test.h5 back >said &&
        diff -r events/Train back/Train && diff -r events/Test back/Test
}
any_bytes() {
    head -c 5000 "$SPIKESWEEP" >any.bin
    "$SPIKESWEEP" convert any.bin any.h5 >said && "$SPIKESWEEP" convert any.h5 other >said && cmp any.bin other/any.bin
}
trains_on() { # LISTS: the result's digest
    cat >events.cfg <<TEXT
dataset = { kind = "nmnist"; folder = "events"; n_frames = 3; $1 };
encoding = "events"; network = { kind = "mlp"; hidden = [8]; n_steps = 3; };
training = { n_epochs = 1; batch_size = 4; };
TEXT
    "$SPIKESWEEP" trial events.cfg 0 2>&1 | grep 'digest of the result' || "$SPIKESWEEP" plan events.cfg
}
same_data() {
    trains_on 'train_list = ""; test_list = "";' >a
    trains_on 'train_list = "train.h5"; test_list = "test.h5";' >b
    cat a b
    grep -q digest a && cmp a b
}
expect "recordings go to HDF5 and back with the same bytes" converts
expect "so do any bytes" any_bytes
expect "an experiment on such files is that on the recordings" same_data
head -c 4999 any.bin >cut.bin
expect "a recording that is cut is refused" refuses 'not a whole number of events' convert cut.bin cut.h5
expect "one of the two is HDF5" refuses 'one of them ends in .h5' convert any.bin other.bin
expect "HDF5 without recordings is refused" refuses 'has no dataset /events/x' convert m0.h5 other

# synaptic currents ------------------------------------------------------

sed -e 's/^network = .*/network = { kind = "csnn"; channels = [6]; hidden = [16]; n_steps = 5; };/; /kind = "mlp"/d; /kind = "csnn"; .* } );/d' \
    -e 's/^neuron = .*/neuron = { kind = "cuba"; leak = 0.8; synaptic_leak = 0.6; };/' \
    -e 's/^normalization.*//; s/^exclude.*//' nets.cfg >currents.cfg
currents() {
    "$SPIKESWEEP" run currents.cfg -o currents --progress none >/dev/null &&
        "$SPIKESWEEP" export currents 0 --nir nc.nir --vectors vc.h5 --samples 6 &&
        "$SPIKESWEEP" export currents 0 --vectors uc.h5 --samples 6 --unit-r --sum-pool &&
        h5dump -n nc.nir | grep -q neuron0/tau_syn &&
        "$SPIKESWEEP" import nc.nir -o mc.h5 >said &&
        "$SPIKESWEEP" export mc.h5 --vectors wc.h5 --samples 6
}
expect "neurons with a synaptic current go out as CubaLIF, and come in" currents
cells+=(c)

# what others make of it ----------------------------------------------

said() { # WHAT: exchange.py's lines as tests
    while read -r verdict name; do
        case $verdict in
        ok) pass "$name" ;;
        FAIL) fail "$name" ;;
        skip) skip "$1" "$python: $name; docs/exchange.md says what to install" ;;
        *) echo "$verdict $name" ;;
        esac
    done
}

check() { # WHAT TASK FILE...
    local what=$1
    shift
    "$python" "$here/exchange.py" "$@" >lines 2>errors
    local status=$?
    said "$what" <lines
    [ $status -eq 0 ] || cat errors
    expect "$what: the script comes to its end" [ $status -eq 0 ]
}

each() { for cell in "${cells[@]}"; do echo "$1$cell.h5"; done; }
# snnTorch 1.0.0 takes an IF for a neuron with a leak of 0.9.
leaky() { for cell in "${cells[@]}"; do h5dump -n "v$cell.h5" | grep -q neuron0/tau && echo "v$cell.h5"; done; }

check "the round trip" same $(each v) $(each w)
check "the package nir" nir $(each v)
check "snnTorch" snntorch $(leaky)
check "Norse" norse $(each u)
check "attacks by PyTorch" attacks v0.h5 v3.h5 v4.h5


# what others send ------------------------------------------------------

set_network="network = layers; network.layers = \"5C3-AP2-12FC\"; network.n_steps = 6; normalization = batch; neuron.leak = 0.5"
from_torch() {
    "$python" "$here/exchange.py" make_state state.h5 &&
        "$SPIKESWEEP" import state.h5 -o torch.h5 --input 2x8x8 --classes 4 --set "$set_network" >said &&
        grep -q 'not used: features.3.num_batches_tracked' said &&
        "$SPIKESWEEP" export torch.h5 --vectors torch-v.h5 --samples 6 --set "$data"
}
from_snntorch() {
    "$python" "$here/exchange.py" make_foreign snn.nir &&
        "$SPIKESWEEP" import snn.nir -o snn.h5 --steps 7 --input 2x8x8 >said &&
        "$SPIKESWEEP" export snn.h5 --vectors snn-v.h5 --samples 6 --set "$data"
}
data='dataset = synthetic; dataset.height = 8; dataset.width = 8; dataset.n_channels = 2; dataset.n_test = 60'
if "$python" "$here/exchange.py" has make_state >/dev/null 2>&1; then
    expect "a state of PyTorch comes in, by order" from_torch
    check "PyTorch's state" state state.h5 torch-v.h5
else
    skip "a state of PyTorch" "$python has no torch"
fi
if "$python" "$here/exchange.py" has make_foreign >/dev/null 2>&1; then
    expect "a network of snnTorch's comes in" from_snntorch
    check "snnTorch's network" foreign snn.nir snn-v.h5
    expect "and is attacked" "$SPIKESWEEP" evaluate snn.h5 attacks.cfg -o snn.sweep --progress none
else
    skip "a network of snnTorch's" "$python has no snntorch"
fi

finish
