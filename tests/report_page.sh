#!/usr/bin/env bash
# The report as a reader sees it, in a real browser: nothing overlaps, is cut
# off, missing or asked for elsewhere, on a phone, at a desk and on paper.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/sweep_lib.sh"
here=$(dirname "$0")
python=/usr/bin/python3

if ! command -v chromium >/dev/null && ! command -v google-chrome >/dev/null; then
    skip "the report in a browser" "no Chromium is installed (package chromium)"
    finish
fi

small_experiment "$WORK/small.cfg"
# Trainings that fail, with words.
sed -i 's/"done", "diverge"/"done", "diverge", "exit", "segv"/' "$WORK/small.cfg"
"$SPIKESWEEP" run "$WORK/small.cfg" -o "$WORK/small" >/dev/null 2>&1
"$SPIKESWEEP" report "$WORK/small" >/dev/null 2>&1
good=$WORK/good.html
cp "$WORK/small/report/report.html" "$good"

# More settings than a page shows at once, and more pictures than it has room for.
cat >"$WORK/large.cfg" <<'TEXT'
dataset   = { kind = "synthetic"; n_train = 32; n_test = 16; height = 4; width = 4; };
network   = { kind = "mlp"; hidden = [4]; n_steps = 2; };
encoding  = [ "direct", "poisson" ];
optimizer = { learning_rate = [0.05, 0.1, 0.2, 0.4]; };
surrogate = [ "triangular", "rectangular" ];
regularizer = ( { kind = "none"; }, { kind = "mpd_sgr"; weight = 0.4; } );
training  = { n_epochs = 1; batch_size = 32; };
attacks   = ( { kind = "fgsm"; n_samples = 8; epsilons = [0, 8/255]; } );
TEXT
on_ranks 2 "$SPIKESWEEP" run "$WORK/large.cfg" -o "$WORK/large" >/dev/null 2>&1
"$SPIKESWEEP" report "$WORK/large" >/dev/null 2>&1
large=$WORK/large.html
cp "$WORK/large/report/report.html" "$large"

# Pages that are broken, each in one way.
into() { # NAME TEXT: before the end of the body
    sed "s|</body>|$2</body>|" "$good" >"$WORK/$1.html"
}
into overlap '<p style="position:absolute;top:1.5rem;left:1rem">This lies on the heading</p>'
into gone '<figure><img src="gone.png" alt="a curve"></figure>'
sed '/<div class="panels">/,/^<\/div>/d' "$good" >"$WORK/bare.html"
into empty '<svg role="img" aria-label="empty" style="width:0;height:0"><path d="M0 0h9"/></svg>'
into error '<script>console.error("something is broken")</script>'
into request '<img src="https://example.org/x.png" alt="elsewhere">'
into cut '<p style="overflow:hidden;height:1rem;width:6rem;white-space:nowrap">A text that finds no room</p>'
into wide '<div style="width:700px;height:1px"></div>'
into tiny '<svg role="img" aria-label="small" viewBox="0 0 990 90"><path d="M0 0h9"/><text x="9" y="40" font-size="13">tiny</text></svg>'
sed 's|details::details-content|details::nothing|' "$good" >"$WORK/folded.html"
broken="overlap gone bare empty error request cut wide tiny folded"

look() { "$python" "$here/page_check.py" "$@" >>"$WORK/said" 2>>"$WORK/failed"; }
look "$good" "$large"
expect "a page that is not broken leaves the status 0" [ $? -eq 0 ]
# shellcheck disable=SC2046,SC2086
look --phone $(printf "$WORK/%s.html " $broken)
expect "others do not" [ $? -eq 1 ]
look "$WORK/wide.html"
expect "the browser has looked at all pages" [ ! -s "$WORK/failed" ]
cat "$WORK/failed"

nothing_wrong() { ! grep "^$1.html" "$WORK/said"; }
says() { grep -q "^$1.html at $2 px: $3" "$WORK/said"; }
says_not() { ! says "$@"; }
expect "nothing is wrong with a report, on a phone, at a desk and on paper" nothing_wrong good
expect "nor with one of more cells than it has room for" nothing_wrong large
expect "which says what it leaves out" grep -q 'more pictures of this sort are left out' "$large"
expect "a text that lies on another is found" says overlap 390 'texts overlap: .*This lies on the heading'
expect "a picture whose file is not there is found" says gone 390 'a picture is missing: .*gone.png'
expect "so are those that are not in the page" says bare 390 'a picture is missing: direct, bptt'
expect "and one without a size" says empty 390 'a picture has no size: empty'
expect "an error on the console is found" says error 390 'the console has error: something is broken'
expect "a request to elsewhere is found" says request 390 'a request to https://example.org/x.png'
expect "a text that is cut off is found" says cut 390 'text is cut off: A text that finds no room'
expect "a page that is too wide is found on a phone" says wide 390 'the page scrolls sideways by'
expect "and fits at a desk" says_not wide 1280 .
expect "letters too small for a phone are found" says tiny 390 'text is too small to read'
expect "what folds and is not printed is found" says folded 390 'what is folded is not printed'
finish
