#include <config.h>

#include "src/findings.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

/* of a kind; all are counted */
#define MOST_OF_A_KIND 20

#define MIB ((uint64_t)1 << 20)

struct sp_findings {
	sp_buf text;
	sp_json *list;
	uint64_t counts[SP_FOUND_IDS];
	bool failed;
};

static const char *const weights[SP_WEIGHTS] = {
	[SP_WEIGHT_TOLERATED] = "tolerated",
	[SP_WEIGHT_DOUBT] = "doubt",
	[SP_WEIGHT_NEWER] = "newer",
	[SP_WEIGHT_DAMAGE] = "damage",
};

sp_limits sp_findings_limits(const sp_cli *cli)
{
	return (sp_limits){
		.entries = (uint64_t)sp_cli_int(cli, "max-entries"),
		.entry_size = (uint64_t)sp_cli_int(cli, "max-entry-size") * MIB,
		.total_size = (uint64_t)sp_cli_int(cli, "max-total-size") * MIB,
		.ratio = (uint64_t)sp_cli_int(cli, "max-ratio"),
		.depth = (uint64_t)sp_cli_int(cli, "max-depth"),
		.line_size = (uint64_t)sp_cli_int(cli, "max-line-size") * MIB,
		.seconds = (uint64_t)sp_cli_int(cli, "max-time"),
	};
}

sp_findings *sp_findings_create(void)
{
	sp_findings *findings = calloc(1, sizeof *findings);

	if (findings)
		findings->list = sp_json_array();
	if (findings && findings->list)
		return findings;
	free(findings);
	return NULL;
}

void sp_findings_free(sp_findings *findings)
{
	if (!findings)
		return;
	sp_buf_free(&findings->text);
	sp_json_free(findings->list);
	free(findings);
}

/* Each hint is given once. */
static bool is_new_hint(const sp_findings *findings, const sp_finding *finding)
{
	const char *hint = sp_found_kinds[finding->id].hint;
	int id;

	for (id = 0; id < SP_FOUND_IDS; id++) {
		uint64_t before = findings->counts[id] - (id == (int)finding->id);

		if (before && sp_found_kinds[id].hint && !strcmp(sp_found_kinds[id].hint, hint))
			return false;
	}
	return true;
}

static void add_text(sp_findings *findings, const sp_finding *finding)
{
	sp_buf line = { 0 };
	const char *hint = finding->text->hint;

	sp_place_text(&line, &finding->place, true);
	if (line.len)
		sp_buf_adds(&line, ": ");
	sp_buf_addf(&line, "%s (%s)", sp_error_text(finding->text), sp_found_kinds[finding->id].name);
	sp_buf_adds(&findings->text, "  ");
	sp_safe_text(&findings->text, sp_buf_text(&line), line.len);
	sp_buf_addc(&findings->text, '\n');
	if (hint && is_new_hint(findings, finding)) {
		sp_buf_adds(&findings->text, "    ");
		sp_safe_text(&findings->text, hint, strlen(hint));
		sp_buf_addc(&findings->text, '\n');
	}
	findings->failed = findings->failed || line.failed || findings->text.failed;
	sp_buf_free(&line);
}

static void add_json(sp_findings *findings, const sp_finding *finding)
{
	const sp_found_kind *kind = &sp_found_kinds[finding->id];
	const sp_place *place = &finding->place;
	sp_json *to = sp_json_add_object(findings->list, NULL);

	sp_json_add_text(to, "code", kind->name);
	sp_json_add_text(to, "weight", weights[kind->weight]);
	if (place->entry)
		sp_json_add_text(to, "entry", place->entry);
	if (place->offset >= 0)
		sp_json_add_int(to, "offset", place->offset);
	if (place->line > 0) {
		sp_json_add_int(to, "line", place->line);
		sp_json_add_int(to, "byte", place->column);
	}
	if (place->pointer)
		sp_json_add_text(to, "pointer", place->pointer);
	if (!sp_json_add_text(to, "text", sp_error_text_c(finding->text)))
		findings->failed = true;
}

void sp_findings_tell(void *ctx, const sp_finding *finding)
{
	sp_findings *findings = ctx;

	if (++findings->counts[finding->id] > MOST_OF_A_KIND)
		return;
	add_text(findings, finding);
	add_json(findings, finding);
}

bool sp_findings_text(const sp_findings *findings, sp_buf *to)
{
	int id;

	sp_buf_add(to, sp_buf_text(&findings->text), findings->text.len);
	for (id = 0; id < SP_FOUND_IDS; id++) {
		unsigned long more = (unsigned long)findings->counts[id] - MOST_OF_A_KIND;

		if (findings->counts[id] <= MOST_OF_A_KIND)
			continue;
		sp_buf_adds(to, "  ");
		sp_buf_addf(to, sp_translate_n("and %lu more (%s)", "and %lu more (%s)", more), more,
		            sp_found_kinds[id].name);
		sp_buf_addc(to, '\n');
	}
	return !findings->failed && !to->failed;
}

bool sp_findings_json(sp_findings *findings, sp_json *to)
{
	sp_json *counts;
	int id;
	bool ok = !findings->failed && sp_json_add(to, "findings", findings->list);

	findings->list = sp_json_array();
	counts = sp_json_add_object(to, "found");
	for (id = 0; id < SP_FOUND_IDS; id++) {
		if (findings->counts[id])
			ok = sp_json_add_int(counts, sp_found_kinds[id].name, (int64_t)findings->counts[id]) &&
			     ok;
	}
	return ok && counts;
}
