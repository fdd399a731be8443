#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/screen.h"

static char hq_dev[] = "hq-dev", hq_prod[] = "hq-prod", hq_old[] = "hq-old";
static char db[] = "service=dev", store[] = "dir:/srv/dev", as[] = "ada@example.org";

static const sp_instance instances[] = {
	{ .name = hq_dev, .db = db, .store = store, .as = as },
	{ .name = hq_prod, .db = db, .store = store, .as = as },
	{ .name = hq_old, .db = db, .as = as },
};

static const sp_asked options[] = {
	{ "include-source-assets", "Source assets", "The documents.", NULL, "yes", .negates = true },
	{ "include-chunks", "Chunks", "Their pieces.", NULL, "yes", .negates = true },
	{ "include-embeddings", "Embeddings", "Of the chunks.", NULL, "no", .negates = true },
	{ "asset-format", "Files", "Where bytes go.", "reference|inline|external", "reference" },
	{ "exclude-tag", "Tags left out", "What bears them.", .list = true },
	{ "no-authors", "No authors", "Who wrote what.", NULL, "no", .flag = true },
	{ "compression-level", "Compression", "0 to 9.", NULL, "6", .number = true, .max = 9 },
};

static const sp_asked how[] = {
	{ "conflict-strategy", "What is here too", "What becomes of it.",
	  "smart|skip|overwrite|rename", "smart" },
	{ "only", "Parts", "Only these." },
	{ "preserve-relationships", "Relationships", "Parents.", NULL, "yes", .negates = true },
	{ "owner-id", "Owner", "Whose it is." },
};

const sp_ui_setup stage_setup = {
	.instances = instances,
	.instance_count = 3,
	.start = -1,
	.profiles = "~/.config/spaceport/instances.ini",
	.given = "",
	.plans = "plans",
	.options = { [SP_WAY_EXPORT] = { options, 7 }, [SP_WAY_IMPORT] = { how, 4 } },
};

const char stage_infospaces[] =
	"{\"server\":\"16.10\",\"user\":\"ada@example.org\",\"infospaces\":["
	"{\"id\":21,\"uuid\":\"11111111-0000-4000-8000-000000000021\",\"name\":\"Klimadebatten\","
	"\"role\":\"owner\",\"may_export\":true,\"may_import\":true,\"runs\":3,\"assets\":2000,\"annotations\":252766,"
	"\"bytes\":4000000,\"changed_at\":\"2026-11-04 12:07:00\"},"
	"{\"id\":22,\"uuid\":\"11111111-0000-4000-8000-000000000022\","
	"\"name\":\"日本の国会会議録（試験運用、令和六年）\",\"role\":\"viewer\",\"may_export\":false,"
	"\"runs\":1,\"assets\":120,\"annotations\":480,\"bytes\":9000,\"changed_at\":null}]}";

const char stage_runs[] =
	"{\"server\":\"16.10\",\"user\":\"ada@example.org\",\"runs\":["
	"{\"id\":17,\"uuid\":\"22222222-0000-4000-8000-000000000017\",\"name\":\"Kohleausstieg, zwei\","
	"\"status\":\"COMPLETED_WITH_ERRORS\",\"annotations\":98112,\"assets\":2000,\"schemas\":3,"
	"\"bytes\":900000,\"created_at\":\"2026-11-04 08:10:00\",\"completed_at\":\"2026-11-04 09:31:00\"},"
	"{\"id\":16,\"uuid\":\"22222222-0000-4000-8000-000000000016\",\"name\":\"Kohleausstieg, eins\","
	"\"status\":\"COMPLETED\",\"annotations\":100000,\"assets\":2000,\"schemas\":3,"
	"\"bytes\":910000,\"created_at\":\"2026-11-02 08:10:00\",\"completed_at\":\"2026-11-02 10:26:00\"},"
	"{\"id\":9,\"uuid\":\"22222222-0000-4000-8000-000000000009\",\"name\":\"Wind\","
	"\"status\":\"RUNNING\",\"annotations\":7310,\"assets\":540,\"schemas\":1,"
	"\"bytes\":70000,\"created_at\":\"2026-10-02 08:10:00\",\"completed_at\":null}]}";

const char stage_plans[] =
	"{\"plans\":[{\"counts\":{\"run\":1,\"annotation\":100000,\"asset\":2000,\"file\":213,"
	"\"chunk\":18240,\"embedding\":18240,\"schema\":4},\"bytes\":{\"run\":400,"
	"\"annotation\":40000000,\"asset\":4000000,\"file\":412000000,\"chunk\":20000000,"
	"\"embedding\":400000000,\"schema\":4000},\"estimated_size\":423000000,"
	"\"stays_out\":{\"secrets\":\"keys, passwords and tokens never leave an instance\","
	"\"embeddings\":\"not asked for\",\"excluded_assets\":1234},"
	"\"warnings\":[{\"code\":\"missing_files\",\"count\":1}],\"missing_files\":[\"user_1/8c0f.pdf\"]}]}";

const char stage_targets[] =
	"{\"targets\":[{\"path\":\"/tmp/p/kohleausstieg-eins-16.zip\",\"exists\":false}],"
	"\"folder\":true,\"free\":38200000000}";

const char stage_package[] =
	"{\"path\":\"/tmp/p/kohleausstieg-eins-16.zip\",\"run\":\"Kohleausstieg, eins\","
	"\"size\":429900000,\"entries\":102,\"warnings\":[],\"sha256\":"
	"\"3f9a2d11c8e43f9a2d11c8e43f9a2d11c8e43f9a2d11c8e43f9a2d11c8e4c41e\",\"checked\":true}";

const char stage_folder[] =
	"{\"folder\":\"/tmp/p\",\"packages\":["
	"{\"file\":\"kohle.zip\",\"is_folder\":false,\"size\":429900000,"
	"\"changed\":\"2026-11-21 14:02:00\"},"
	"{\"file\":\"国会討論.zip\",\"is_folder\":false,\"size\":2100000,"
	"\"changed\":\"2026-11-03 09:00:00\"},"
	"{\"file\":\"alt\",\"is_folder\":true,\"size\":4096,\"changed\":\"2026-10-12 09:00:00\"},"
	"{\"file\":\"..\",\"is_folder\":true,\"size\":4096,\"changed\":\"2026-10-12 09:00:00\"}]}";

const char stage_inspected[] =
	"{\"format\":\"spaceport\",\"format_version\":\"1.0\",\"profile\":\"native\","
	"\"file_size\":429900000,\"entries\":102,\"counts\":{\"run\":{\"rows\":1},"
	"\"annotation\":{\"rows\":100000},\"asset\":{\"rows\":2000},\"file\":{\"entries\":213}},"
	"\"signature\":{\"state\":\"none\"},\"manifest\":{\"created_at\":\"2026-11-21T14:02:11Z\","
	"\"run\":{\"name\":\"Haltung zum Kohleausstieg\"},\"infospace\":{\"name\":"
	"\"Klimadebatten\"},\"source\":{\"instance\":\"b3da03ca-5ee9-8bb1-9aec-78d00cb128f7\"},"
	"\"options\":{}}}";

#define KINDS_OF(changed, kept, conflicts)                                                         \
	"\"kinds\":[{\"kind\":\"run\",\"rows\":1,\"conflict\":1},{\"kind\":\"schema\",\"rows\":4,"       \
	"\"new\":1,\"same\":3},{\"kind\":\"annotation\",\"rows\":100000,\"new\":99104,\"same\":410,"       \
	"\"update\":" changed ",\"keep\":" kept ",\"conflict\":" conflicts "},{\"kind\":\"asset\","        \
	"\"rows\":2000,\"new\":1583,\"same\":412,\"out\":5}]"

const char stage_dry_run[] =
	"{\"file\":\"plans/a.plan\",\"plan\":{" KINDS_OF("372", "0", "114") ",\"totals\":{"
	"\"rows\":102005,\"new\":100688,\"same\":825,\"update\":372,\"conflict\":115,\"out\":5},"
	"\"groups\":[{\"kind\":\"run\",\"class\":\"conflict\",\"why\":\"both\",\"rows\":1},"
	"{\"kind\":\"annotation\",\"class\":\"update\",\"why\":\"there\",\"rows\":372,"
	"\"columns\":[\"value\"]},{\"kind\":\"asset\",\"class\":\"out\",\"why\":\"deleted\","
	"\"rows\":5,\"names\":[\"Plenarprotokoll 20/150\",\"Anlage 3\"]}],"
	"\"lost\":[{\"kind\":\"run\",\"column\":\"panels\",\"rows\":1}],"
	"\"otherwise\":[{\"kind\":\"source\",\"column\":\"is_active\",\"rows\":1}],"
	"\"files\":{\"count\":170,\"bytes\":331000000}},\"conflicts\":{\"open\":115,\"groups\":["
	"{\"group\":1,\"kind\":\"run\",\"why\":\"both\",\"rows\":1,\"open\":1,\"columns\":"
	"[\"name\",\"panels\"],\"name\":\"Haltung zum Kohleausstieg\"},"
	"{\"group\":2,\"kind\":\"annotation\",\"why\":\"both\",\"rows\":114,\"open\":114,"
	"\"columns\":[\"value\"]}]}}";

const char stage_decided[] =
	"{\"file\":\"plans/a.plan\",\"plan\":{" KINDS_OF("486", "1", "0") ",\"totals\":{"
	"\"rows\":102005,\"new\":100688,\"same\":825,\"update\":486,\"keep\":1,\"conflict\":0},"
	"\"groups\":[]},\"conflicts\":{\"open\":0,\"groups\":["
	"{\"group\":1,\"kind\":\"run\",\"why\":\"both\",\"rows\":1,\"open\":0,\"columns\":"
	"[\"name\",\"panels\"],\"name\":\"Haltung zum Kohleausstieg\",\"decision\":\"keep\"},"
	"{\"group\":2,\"kind\":\"annotation\",\"why\":\"both\",\"rows\":114,\"open\":0,"
	"\"columns\":[\"value\"],\"decision\":\"overwrite\"}]}}";

const char stage_imported[] =
	"{\"operation\":\"4f1c2a9e-0d3b-4a55-9c1e-7b2f60c9a7e4\",\"result\":{\"success\":true,"
	"\"created_rows\":100688,\"updated_rows\":486},\"plan\":{" KINDS_OF("486", "1", "0") ","
	"\"lost\":[{\"kind\":\"run\",\"column\":\"panels\",\"rows\":1}]}}";

/* --- the other side ------------------------------------------------------------- */

static bool start(void *ctx, sp_request *request, sp_error *err)
{
	stage *s = ctx;

	(void)err;
	assert_true(s->count < MOST_REQUESTS);
	s->requests[s->count++] = request;
	return true;
}

static void cancel(void *ctx, int number)
{
	stage *s = ctx;

	if (s->cancels < MOST_REQUESTS)
		s->cancelled[s->cancels++] = number;
}

static bool look(void *ctx, int number, sp_progress *progress)
{
	stage *s = ctx;

	(void)number;
	*progress = s->progress;
	return true;
}

void stage_open(stage *s, const sp_ui_setup *setup)
{
	sp_link link = { s, start, cancel, look };
	sp_error err = SP_ERROR_INIT;

	setlocale(LC_CTYPE, "C.UTF-8");
	*s = (stage){ .now = 100, .progress = { .phase = "" } };
	s->w = sp_wizard_create(setup, &link, &err);
	assert_non_null(s->w);
	s->w->now = s->now;
	assert_true(sp_answer_set(&s->w->answers->folder, "/tmp/p"));
	sp_wizard_begin(s->w);
}

void stage_close(stage *s)
{
	sp_wizard_free(s->w);
	for (int i = 0; i < s->count; i++)
		sp_request_free(s->requests[i]);
}

void stage_key(stage *s, int key)
{
	s->now += 0.1;
	sp_wizard_key(s->w, key, s->now);
}

void stage_type(stage *s, const char *text)
{
	for (; *text; text++)
		stage_key(s, (unsigned char)*text);
}

sp_request *stage_request(stage *s, sp_request_kind kind)
{
	for (int i = s->count - 1; i >= 0; i--)
		if (s->requests[i]->ask == kind)
			return s->requests[i];
	return NULL;
}

static sp_reply *reply_to(stage *s, sp_request_kind kind, const char *json)
{
	sp_reply *reply = calloc(1, sizeof *reply);
	sp_error err = SP_ERROR_INIT;

	assert_non_null(reply);
	assert_non_null(stage_request(s, kind));
	reply->ask = kind;
	reply->number = stage_request(s, kind)->number;
	if (json)
		reply->json = sp_json_parse(json, strlen(json), "test", &err);
	assert_int_equal(err.code, SP_OK);
	return reply;
}

void stage_tell(stage *s, sp_request_kind kind, const char *json)
{
	sp_wizard_reply(s->w, reply_to(s, kind, json), s->now);
}

void stage_answer(stage *s, sp_request_kind kind, const char *json)
{
	sp_reply *last = reply_to(s, kind, NULL);

	stage_tell(s, kind, json);
	last->last = true;
	sp_wizard_reply(s->w, last, s->now);
}

void stage_fail(stage *s, sp_request_kind kind, sp_code code, const char *text)
{
	sp_reply *reply = reply_to(s, kind, NULL);

	sp_fail(&reply->err, code, "Try something else.", "%s", text);
	reply->last = true;
	sp_wizard_reply(s->w, reply, s->now);
}

/* --- the screen ----------------------------------------------------------------- */

char *stage_screen(stage *s, int width, int height)
{
	sp_canvas *canvas = sp_canvas_create(width, height, false);
	sp_buf text = { 0 };

	assert_non_null(canvas);
	sp_wizard_draw(s->w, canvas);
	assert_false(canvas->failed);
	for (int y = 0; y < height; y++) {
		sp_canvas_line(canvas, y, &text);
		sp_buf_addc(&text, '\n');
	}
	sp_canvas_free(canvas);
	return sp_buf_take(&text);
}

bool stage_shows(stage *s, const char *text)
{
	char *screen = stage_screen(s, 80, 24);
	bool found = strstr(screen, text) != NULL;

	if (!found)
		print_message("%s", screen);
	free(screen);
	return found;
}

void stage_expect(stage *s, int width, int height, const char *expected)
{
	char *screen = stage_screen(s, width, height);

	assert_string_equal(screen, expected);
	free(screen);
}

void stage_to_infospaces(stage *s)
{
	stage_type(s, "1\n");
	stage_answer(s, SP_ASK_INFOSPACES, stage_infospaces);
}

void stage_to_runs(stage *s)
{
	stage_to_infospaces(s);
	stage_type(s, "\n");
	stage_answer(s, SP_ASK_RUNS, stage_runs);
}

void stage_to_options(stage *s)
{
	stage_to_runs(s);
	stage_type(s, "j \n");
	stage_answer(s, SP_ASK_SURVEY, stage_plans);
}

void stage_to_preview(stage *s)
{
	stage_to_options(s);
	stage_type(s, "\n");
	stage_answer(s, SP_ASK_PLAN, stage_plans);
	stage_answer(s, SP_ASK_TARGETS, stage_targets);
}

void stage_to_packages(stage *s)
{
	stage_type(s, "2");
	stage_answer(s, SP_ASK_PACKAGES, stage_folder);
	stage_answer(s, SP_ASK_INSPECT, stage_inspected);
}

void stage_to_targets(stage *s)
{
	stage_to_packages(s);
	stage_type(s, "\n\n");
	stage_answer(s, SP_ASK_INFOSPACES, stage_infospaces);
}

void stage_to_settings(stage *s)
{
	stage_to_targets(s);
	stage_type(s, "\n");
}

void stage_to_dry_run(stage *s)
{
	stage_to_settings(s);
	stage_type(s, "\n");
	stage_answer(s, SP_ASK_DRY_RUN, stage_dry_run);
}
