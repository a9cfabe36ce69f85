"""Holds a sweep.h5 that xarray opened to what the records say.

    readers.py sweep.h5 EXPECTED

EXPECTED is what make_fake_sweep prints. Says "ok NAME" or "FAIL NAME: why" a
check, and fails if one does.
"""
import sys

import h5py
import numpy
import xarray

path, expected_path = sys.argv[1:]
groups = {name: xarray.open_dataset(path, group=name, engine="h5netcdf")
          for name in ("trials", "training", "membrane", "robustness")}
robustness = groups["robustness"]
n_failed = 0


def check(function):
    global n_failed
    name = function.__name__.replace("_", " ")
    try:
        function()
        print("ok", name)
    except Exception as error:  # whatever it is, the check failed
        n_failed += 1
        why = " ".join(str(error).split())
        print("FAIL", name + ":", type(error).__name__, why[:300])


def equal(a, b, what):
    assert a == b, f"{what}: {a!r} instead of {b!r}"


def same(a, b, what):
    numpy.testing.assert_array_equal(a, b, what)


def read_expected():
    """{variable: {(trial, attack): [values]}}"""
    table = {}
    for line in open(expected_path):
        name, trial, attack, index, value = line.rstrip("\n").split("\t")
        values = table.setdefault(name, {}).setdefault((trial, attack), [])
        equal(int(index), len(values), name)
        values.append(float(value))
    return table


def find(name):
    return next(group[name] for group in groups.values() if name in group)


@check
def every_number_is_what_the_record_says():
    table = read_expected()
    assert len(table) > 25, len(table)
    for name, cells in table.items():
        variable = find(name)
        for (trial, attack), values in cells.items():
            part = variable.sel(trial=trial)
            if attack != "-":
                part = part.sel(attack=attack)
            read = part.values.ravel()
            # Fewer samples were attacked than there are: no value for them.
            read = read[~numpy.isnan(read)]
            same(read, numpy.array(values), f"{name} {trial} {attack}")


@check
def every_variable_is_described():
    n = 0
    for group_name, group in groups.items():
        assert group.attrs["title"]
        for name in group.variables:
            variable = group[name]
            n += 1
            where = f"{group_name}/{name}"
            assert variable.attrs.get("long_name"), where
            is_number = variable.dtype.kind != "O"
            units = variable.attrs.get("units", variable.encoding.get("units"))
            equal(units is not None, is_number, where + " units")
    assert n > 100, n


@check
def dimensions_have_their_names_and_coordinates():
    wanted = {
        "clean_accuracy": ("trial",),
        "train_loss": ("trial", "epoch"),
        "membrane_edge": ("trial", "bin"),
        "membrane_count": ("trial", "layer", "step", "bin"),
        "robust_accuracy": ("trial", "attack", "epsilon"),
        "robust_prediction": ("trial", "attack", "epsilon", "sample"),
        "check_verdict": ("trial", "attack", "check"),
    }
    for name, dims in wanted.items():
        equal(find(name).dims, dims, name)
    for group in groups.values():
        for name in list(group.dims) + ["cell", "seed"]:
            assert name in group.coords, name
    same(robustness.epsilon.values[:2], [0, 0.00784313725490196], "epsilon")
    same(robustness.attack.values,
         ["fgsm", "pgd n_steps=7", "pgd n_steps=20", "gaussian"], "attack")


@check
def units_become_times():
    started = groups["trials"].started
    equal(started.dtype.kind, "M", "started")
    equal(str(started.values[0])[:19], "2023-11-14T22:13:20", "started")
    equal(groups["trials"].wall_time.attrs["units"], "s", "wall_time")
    started = robustness.evaluation_started
    equal(started.dims, ("trial", "attack"), "evaluation_started")
    equal(str(started.values[0, 0])[:19], "2023-11-14T22:13:20",
          "evaluation_started")
    assert (robustness.evaluation_host == "node1").all(), "evaluation_host"


@check
def cells_can_be_selected_by_what_they_are():
    # trials.encoding is xarray's own.
    trials = groups["trials"]
    rows = trials.where((trials.regularizer == "mpd_sgr")
                        & (trials.regularizer_weight == 0.1)
                        & (trials["encoding"] == "poisson")
                        & (trials.surrogate == "triangular"), drop=True)
    equal(rows.sizes["trial"], 2, "trials")
    equal(sorted(rows.seed.values), [1, 2], "seeds")
    assert all("poisson" in cell for cell in rows.cell.values)


@check
def numbers_are_filtered_and_have_their_fill_value():
    n = 0

    def visit(name, dataset):
        nonlocal n
        if not isinstance(dataset, h5py.Dataset) or dataset.dtype.kind == "O":
            return
        n += 1
        equal((dataset.shuffle, dataset.compression, dataset.fletcher32),
              (True, "gzip", True), name)
        assert dataset.chunks, name
        if "_FillValue" in dataset.attrs:
            same(dataset.attrs["_FillValue"], dataset.fillvalue, name)
        else:
            whole = ("seed", "epoch", "layer", "step", "bin", "epsilon",
                     "sample", "check_warn_above", "check_fail_above")
            assert name.split("/")[1] in whole, name

    with h5py.File(path, "r") as file:
        file.visititems(visit)
    assert n > 60, n


@check
def every_dimension_has_a_scale():
    def visit(name, dataset):
        if isinstance(dataset, h5py.Dataset) and not h5py.h5ds.is_scale(dataset.id):
            for dimension in dataset.dims:
                equal(len(dimension), 1, name)

    with h5py.File(path, "r") as file:
        file.visititems(visit)


@check
def correct_is_where_prediction_meets_label():
    correct = robustness.robust_correct
    attacked = ~numpy.isnan(robustness.robust_prediction)
    equal(float(attacked.sum("sample").min()), 40, "attacked samples")
    wanted = (robustness.robust_prediction == robustness.label).where(attacked)
    same(correct.values, wanted.transpose(*correct.dims).values, "correct")
    same(correct.astype(float).mean("sample").values,
         robustness.robust_accuracy.values, "accuracy")
    clean = robustness.clean_prediction == robustness.label
    same(robustness.clean_correct.values, clean.values, "clean")
    same(clean.mean("sample").values, groups["trials"].clean_accuracy.values,
         "clean accuracy")


@check
def the_worst_case_over_attacks_can_be_taken():
    correct = robustness.robust_correct.astype(float)
    worst = correct.min("attack").mean("sample")
    assert (worst <= robustness.robust_accuracy.min("attack")).all()
    ball = [name for name in robustness.attack.values if "gaussian" not in name]
    worst = correct.sel(attack=ball).min("attack").mean("sample")
    for name in ball:
        stored = robustness.worst_case.sel(attack=name)
        same(stored.values, worst.where(stored.notnull()).values, "worst case")


@check
def the_worst_case_over_surrogates_is_the_mean_of_the_minimum():
    families = {}
    for i, spec in enumerate(robustness.attack_spec.values):
        rest = [line for line in spec.split("\n") if not line.startswith(("attack_surrogate", "attack_rule"))]
        families.setdefault("\n".join(rest), []).append(i)
    for places in families.values():
        correct = robustness.robust_correct.isel(attack=places).astype(float)
        accuracy = robustness.robust_accuracy.isel(attack=places)
        worst = correct.min("attack").mean("sample")
        spread = accuracy.max("attack") - accuracy.min("attack")
        for i in places:
            one = robustness.isel(attack=i)
            there = one.robust_accuracy.notnull()
            assert there.any()
            same(one.surrogate_worst_case.values, worst.where(there).values, "worst case")
            same(one.surrogate_spread.values, spread.where(there).values, "spread")
            same(one.n_surrogates.values[there.values], len(places), "n_surrogates")


@check
def checks_hold_when_computed_again():
    clean = robustness.clean_correct == 1
    wrong = robustness.robust_correct == 0
    right = robustness.robust_correct == 1
    # Wrong at some epsilon and right at a larger one.
    before = wrong.astype(int).cumsum("epsilon") > 0
    back = ((before & right).any("epsilon") & clean).sum("sample") / 40
    figure = robustness.check_figure
    for attack in ("fgsm", "pgd n_steps=7", "pgd n_steps=20"):
        same(figure.sel(check="monotone", attack=attack).values,
             back.sel(attack=attack).values, "monotone " + attack)
    accuracy = robustness.robust_accuracy
    excess = (accuracy - accuracy.sel(attack="fgsm")).max("epsilon").clip(0)
    for attack in ("pgd n_steps=7", "pgd n_steps=20"):
        numpy.testing.assert_allclose(
            figure.sel(check="iterative", attack=attack).values,
            excess.sel(attack=attack).values, atol=1e-12)
    moved = robustness.robust_prediction.isel(epsilon=0) != robustness.clean_prediction
    moved = moved & ~numpy.isnan(robustness.robust_prediction.isel(epsilon=0))
    same(figure.sel(check="epsilon_zero").values,
         moved.sum("sample").transpose("trial", "attack").values, "epsilon 0")


@check
def verdicts_follow_from_figures_and_thresholds():
    verdict, figure = robustness.check_verdict, robustness.check_figure
    wanted = xarray.where(figure > robustness.check_fail_above, 2,
                          xarray.where(figure > robustness.check_warn_above, 1, 0))
    wanted = xarray.where(numpy.isnan(figure), 3, wanted)
    same(verdict.values, wanted.transpose(*verdict.dims).values, "verdicts")
    equal(verdict.attrs["flag_meanings"], "pass warn fail not_applicable", "flags")
    same(verdict.attrs["flag_values"], [0, 1, 2, 3], "flags")
    assert {0, 2, 3} <= set(numpy.unique(verdict)), "verdicts"


@check
def the_root_tells_where_results_come_from():
    root = xarray.open_dataset(path, engine="h5netcdf").attrs
    for name in ("title", "schema_version", "date", "results_digest",
                 "n_outcomes", "damage", "hosts", "builds", "program_version",
                 "git_revision", "compiler", "compiler_flags", "libraries",
                 "experiment", "keys_set", "keys_defaulted"):
        assert name in root, name
    equal(len(root["results_digest"]), 32, "digest")
    equal(int(root["n_outcomes"]), 24 * 5, "outcomes")
    assert root["experiment"].startswith("# Made up for tests.\n")


sys.exit(n_failed > 0)
