/* The parts of the wizard line by line: what is said and asked, and the steps that both ways have.
 * ui/plain.c joins them. */
#ifndef SP_UI_PLAIN_H
#define SP_UI_PLAIN_H

#include "ui/front.h"

/* Rows of a list that are read out at a time. */
#define SP_PLAIN_ROWS 10

/* What a step ends with. */
typedef enum { SP_PLAIN_NEXT, SP_PLAIN_BACK, SP_PLAIN_QUIT } sp_plain_way;

typedef struct {
	sp_front front;
	sp_wizard *w;
	sp_buf input; /* what was read beyond the line */
	bool ended;   /* no more input */
} sp_plain;

typedef sp_plain_way sp_plain_step(sp_plain *p);

/* A line, made safe; the format is translated. */
void sp_plain_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void sp_plain_error(const sp_error *err);
/* Asks until there is an answer, the caller's; "" takes the default. "?" explains, "<" goes back,
 * "quit" leaves: *answer is NULL then. */
sp_plain_way sp_plain_ask(sp_plain *p, const char *question, const char *explained, char **answer);
/* Waits for an answer; what takes long is named. False where it was an error, which is said. */
bool sp_plain_await(sp_plain *p, sp_request_kind asked);
/* The same of a job, of which each phase is said. */
bool sp_plain_await_job(sp_plain *p);

/* A number from 1 to `most`; 0: it is none. */
int sp_plain_number(const char *text, int most);
typedef void sp_plain_row(sp_wizard *w, int row, sp_buf *to);
/* Reads out rows that are shown, from one on. */
void sp_plain_rows(sp_wizard *w, const sp_list *list, int from, sp_plain_row *add);
/* Shows the rows of a list that have the text; all, and says so, where none has. */
void sp_plain_filter(sp_list *list, const sp_model *model, const char *text);

/* Steps that both ways have; `question` is translated. */
sp_plain_way sp_plain_instance(sp_plain *p);
sp_plain_way sp_plain_options(sp_plain *p, const char *question);

#define SP_PLAIN_STEPS 6
extern sp_plain_step *const sp_plain_export[SP_PLAIN_STEPS], *const sp_plain_import[SP_PLAIN_STEPS];

#endif
