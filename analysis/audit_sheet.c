/* The audit as sheets. */
#include "analysis/audit.h"
#include "analysis/findings.h"

enum {
    RULE_NAME,
    RULE_PASS,
    RULE_WARN,
    RULE_FAIL,
    RULE_NOT_APPLICABLE,
    RULE_WARN_ABOVE,
    RULE_FAIL_ABOVE,
    RULE_TEXT,
    RULE_N
};

static const struct sheet_column rule_columns[RULE_N] = {
    [RULE_NAME] = {"rule", .is_text = true, .is_head = true},
    [RULE_PASS] = {"pass", .doc = "attacked networks that pass it"},
    [RULE_WARN] = {"warn", .doc = "that are warned of"},
    [RULE_FAIL] = {"fail", .doc = "that fail"},
    [RULE_NOT_APPLICABLE] = {"not_applicable", "n.a.",
                             .doc = "that it does not apply to"},
    [RULE_WARN_ABOVE] = {"warn_above", .n_decimals = -3,
                         .for_programs = true},
    [RULE_FAIL_ABOVE] = {"fail_above", .n_decimals = -3,
                         .for_programs = true},
    [RULE_TEXT] = {"text", "what it asks", .is_text = true},
};

struct sheet audit_make_sheet(const struct results *results,
                              struct arena *arena)
{
    struct sheet sheet = sheet_open("audit", arena);
    for (size_t i = 0; i < RULE_N; i++)
        sheet_add_column(&sheet, rule_columns[i]);
    for (size_t i = 0; i < results->n_checks; i++) {
        const struct result_check *check = &results->checks[i];
        struct verdict_counts counts = findings_count_verdicts(results, i);
        size_t row = sheet_add_row(&sheet);
        sheet_put_text(&sheet, row, RULE_NAME, check->name);
        sheet_put_number(&sheet, row, RULE_PASS,
                         (double)counts.n[VERDICT_PASS]);
        sheet_put_number(&sheet, row, RULE_WARN,
                         (double)counts.n[VERDICT_WARN]);
        sheet_put_number(&sheet, row, RULE_FAIL,
                         (double)counts.n[VERDICT_FAIL]);
        sheet_put_number(&sheet, row, RULE_NOT_APPLICABLE,
                         (double)counts.n[VERDICT_NOT_APPLICABLE]);
        sheet_put_number(&sheet, row, RULE_WARN_ABOVE, check->warn_above);
        sheet_put_number(&sheet, row, RULE_FAIL_ABOVE, check->fail_above);
        sheet_put_text(&sheet, row, RULE_TEXT, check->rule);
    }
    return sheet;
}

enum {
    ENTRY_CELL,
    ENTRY_TRIAL,
    ENTRY_ATTACK,
    ENTRY_RULE,
    ENTRY_VERDICT,
    ENTRY_FIGURE,
    ENTRY_UNIT,
    ENTRY_N
};

static const struct sheet_column verdict_columns[ENTRY_N] = {
    [ENTRY_CELL] = {"cell", .is_text = true, .is_head = true},
    [ENTRY_TRIAL] = {"trial", .is_text = true, .for_programs = true},
    [ENTRY_ATTACK] = {"attack", .is_text = true},
    [ENTRY_RULE] = {"rule", .is_text = true},
    [ENTRY_VERDICT] = {"verdict", .is_text = true},
    [ENTRY_FIGURE] = {"figure", .n_decimals = -4,
                        .doc = "what the rule has measured"},
    [ENTRY_UNIT] = {"unit", .is_text = true, .doc = "of the figure"},
};

static void put_verdict(struct sheet *sheet, const struct results *results,
                        size_t trial, size_t attack, size_t check)
{
    enum check_verdict verdict =
        results_verdict(results, trial, attack, check);
    size_t row = sheet_add_row(sheet);
    sheet_put_text(sheet, row, ENTRY_CELL, results->trials[trial].cell);
    sheet_put_text(sheet, row, ENTRY_TRIAL, results->trials[trial].id);
    sheet_put_text(sheet, row, ENTRY_ATTACK, results->attacks[attack].name);
    sheet_put_text(sheet, row, ENTRY_RULE, results->checks[check].name);
    sheet_put_text(sheet, row, ENTRY_VERDICT, check_verdict_names[verdict]);
    sheet_put_number(sheet, row, ENTRY_FIGURE,
                     results_figure(results, trial, attack, check));
    sheet_put_text(sheet, row, ENTRY_UNIT, results->checks[check].unit);
}

struct sheet audit_make_verdicts(const struct results *results,
                                 struct arena *arena)
{
    struct sheet sheet = sheet_open("verdicts", arena);
    for (size_t i = 0; i < ENTRY_N; i++)
        sheet_add_column(&sheet, verdict_columns[i]);
    for (size_t i = 0; i < results->n_trials; i++)
        for (size_t k = 0; k < results->n_attacks; k++)
            for (size_t c = 0; c < results->n_checks &&
                               findings_is_judged(results, i, k);
                 c++)
                put_verdict(&sheet, results, i, k, c);
    return sheet;
}
