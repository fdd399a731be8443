#include <config.h>

#include "src/cli.h"

#include <limits.h>

#include "src/commands.h"

/* Which commands take an option. */
#define EVERY "*"
#define RUNS "|list runs|"
#define STATUS "|list runs|list operations|"
#define OPERATIONS "|list operations|"
#define SETUP "|setup|"
#define EXPORT "|export run|roundtrip run|"
#define REPLACES "|export run|import|plan|instances add|describe|"
#define IMPORT "|import|plan|"
#define PLAN_AND_EXPORT "|export run|plan|"
#define DECIDE "|decide|"
#define DRY "|export run|import|"
#define MAKE "|make-run|"
#define WIZARD "||" /* no command */
#define LIVE                                                                                       \
	"|list infospaces|list runs|list operations|show|setup|export run|import|plan|apply|verify|"   \
	"roundtrip run|compat|describe|make-run|doctor||"
#define WRITES "|export run|import|apply|make-run|instances remove|"
#define ADD "|instances add|"
#define ACTS                                                                                       \
	"|list infospaces|list runs|export run|import|plan|apply|verify|roundtrip run|compat|"         \
	"describe|make-run|doctor|instances add||"
#define CONNECTS                                                                                   \
	"|list infospaces|list runs|list operations|show|setup|export run|import|plan|apply|verify|"   \
	"roundtrip run|compat|describe|make-run|doctor|instances add||"
#define WITH_STORE                                                                                 \
	"|export run|import|plan|apply|verify|roundtrip run|compat|describe|make-run|doctor|"          \
	"instances add||"
#define LONG                                                                                       \
	"|export run|import|plan|apply|verify|roundtrip run|inspect|make-run|validate|compat|"
#define CHECKS "|import|plan|apply|verify|inspect|validate|compat|"
#define COMPAT "|compat|"
#define TARGETS "|compat|describe|import|plan|"
#define INSPECT "|inspect|"
#define KEYGEN "|keygen|"
#define PASSPHRASE "|export run|keygen|"
#define IN_SPACE "|list runs|export run|roundtrip run|make-run|"

const char *const sp_about =
    N_("Moves annotation runs between open-politics-hq instances, straight from and to their "
       "databases and file stores, in packages that hold every value exactly: ZIP files that any "
       "tool opens.");

const sp_command sp_commands[] = {
	{ "list infospaces", "", 0, 0, N_("Show the infospaces that the acting user may read"),
	  N_("Shows the infospaces that the acting user may read, with the number of their runs "
	     "and assets, their size and dates."),
	  cmd_list_infospaces },
	{ "list runs", "", 0, 0, N_("Show the annotation runs that the acting user may read"),
	  N_("Shows the annotation runs that the acting user may read, with their status, counts "
	     "and dates; --infospace, --status, --since and --search narrow the list."),
	  cmd_list_runs },
	{ "list operations", "", 0, 0, N_("Show the operations that are on record"),
	  N_("Shows the operations that are on record, the newest first: those of the instance's "
	     "database, where \"spaceport setup\" has made a place for them, and those of this "
	     "machine.\n\n"
	     "Each is running, done, failed, interrupted (it was asked to stop), or lost (it runs no "
	     "more, and never said that it ended)."),
	  cmd_list_operations },
	{ "show", "OPERATION", 1, 1, N_("Show an operation, live while it runs"),
	  N_("Shows all that is on record about an operation, named by its UUID or the "
	     "beginning of it, at least 4 characters. While it runs, on whatever machine, a terminal "
	     "shows its progress until it ends; Ctrl-C stops looking, not the operation."),
	  cmd_show },
	{ "setup", "", 0, 0, N_("Make the schema in which operations are on record"),
	  N_("Makes the schema \"spaceport\" in the instance's database, or brings it up to date: "
	     "tables of operations, an audit whose rows are only ever added to, and who the "
	     "instance is, so that a clone of it is known again. Nothing outside of that schema is "
	     "touched.\n\n"
	     "Where this login may not do so, give the SQL to somebody who may: --print writes it, "
	     "for psql, without connecting. It may be run any number of times."),
	  cmd_setup },
	{ "export run", "RUN...", 1, -1, N_("Write runs into packages"),
	  N_("Writes each run, with all it needs, into a package. RUN is a UUID, else, if it is "
	     "made of digits, an id, else a name; --infospace says where to look for a name.\n\n"
	     "Before it starts it shows what will be in the package, how large that is, what stays "
	     "out and why; on a terminal it asks then. All is read in one snapshot of the "
	     "database, so that it fits together whatever others write meanwhile. The package "
	     "appears under its name only when it is complete.\n\n"
	     "Files of the instance are read from --store; without it, only packages without files "
	     "can be made: --asset-format external or --no-include-source-assets."),
	  cmd_export_run },
	{ "import", "FILE", 1, 1, N_("Import a run's package into an infospace"),
	  N_("Imports a package that \"spaceport export run\" wrote, all of it or nothing. It first "
	     "shows what it would do: which rows are new here, which are the same, which are updated, "
	     "which are in conflict and why, and what this instance can't hold; on a terminal it asks "
	     "then. What was shown is what is done: if the instance has changed meanwhile so that "
	     "anything else would come of it, nothing is written (exit code 9).\n\n"
	     "Rows that are here already are known again: by an earlier import, by their UUIDs, or by "
	     "what makes them what they are (a schema's name and version, a file's content). The same "
	     "package twice changes nothing. While conflicts are open nothing is written (exit code "
	     "4); --conflict-strategy decides all of them. Nothing is ever deleted.\n\n"
	     "Imported runs that weren't finished become FAILED, sources and flows are inactive: "
	     "nothing that is imported starts work. --dry-run shows the plan and leaves nothing "
	     "behind. Each import is on record in the database's schema spaceport, which is made where "
	     "this login may; else see \"spaceport help setup\".\n\n"
	     "--json gives one object: \"plan\" (\"kinds\", by kind how many rows are new, same, "
	     "update, keep, conflict, out; \"groups\" of rows of which the same is said, with some "
	     "names; \"lost\", \"otherwise\", \"references\", \"files\"; \"bad_rows\" where rows "
	     "can't be taken) and, where it was done, \"result\" and \"operation\"."),
	  cmd_import },
	{ "plan", "FILE", 1, 1, N_("Write what an import would do into a file"),
	  N_("Makes the same plan as import, shows it and, with --output, writes it into a file: for "
	     "decide, which answers its conflicts, and for apply, which does it. Nothing is written "
	     "into the instance.\n\n"
	     "Decisions hold in a new plan as well, wherever the row, the reason and both sides are "
	     "what they were: give the older plan, or any lines of it, with --decisions.\n\n"
	     "Exit codes: 0; 3 where the instance can't hold something; 4 while conflicts are open. "
	     "--json as for import."),
	  cmd_plan },
	{ "decide", "PLAN [DECISION]", 1, 2, N_("Answer the conflicts of a plan"),
	  N_("Without a decision shows what awaits one: alike rows are one line, a group with a "
	     "number. With one it is written into the plan, for the rows that --kind, --group and "
	     "--row name, else for all that are in conflict; no instance is needed.\n\n"
	     "keep: what is here stays, and what names the package's row names it. overwrite: it "
	     "becomes the package's. beside: the package's comes beside it. merge: the columns that "
	     "--field names become the package's. later: what was changed later counts; where that "
	     "can't be told it stays open. open: takes a decision back.\n\n"
	     "Exit codes: 0; 4 while conflicts are open."),
	  cmd_decide },
	{ "apply", "PLAN [FILE]", 1, 2, N_("Do what a plan says"),
	  N_("Imports as planned: the same package (FILE where it is elsewhere by now), infospace, "
	     "owner, options and new UUIDs, with the decisions that stand in the plan. It needs the "
	     "rights of whoever applies it. Where package or instance aren't what they were, so that "
	     "anything else would come of it, it names what differs and writes nothing (exit code 9). "
	     "On a terminal it shows the plan, and asks."),
	  cmd_apply },
	{ "verify", "OPERATION [FILE]", 1, 2, N_("Compare what an import wrote with its package"),
	  N_("Reads back what an import wrote, named by its UUID or the beginning of it, and compares "
	     "it with the package (FILE where that is elsewhere by now): every row, every value that "
	     "isn't this instance's own, every link, every file byte by byte. It writes nothing.\n\n"
	     "Exit codes: 0 where all is equal; 3 where it is, but for what this instance can't hold "
	     "or references to what isn't here; 1 where rows or files differ, whoever changed them. "
	     "--json gives \"report\": \"rows\", \"equal_rows\", \"percent\", \"is_equal\", "
	     "\"differences\" by name, \"files\", and what import says of a plan."),
	  cmd_verify },
	{ "roundtrip run", "RUN", 1, 1, N_("Try whether a run comes back from a package as it was"),
	  N_("Exports a run, imports the package into a new infospace of the same instance, compares "
	     "all that came back with the package, as verify does, and takes everything back: nobody "
	     "else ever sees any of it. It needs a user who may export the run, and room for the "
	     "package in TMPDIR.\n\n"
	     "Exit codes and --json are those of verify. What the run refers to without bringing it "
	     "along isn't in the new infospace, and is listed as such."),
	  cmd_roundtrip },
	{ "inspect", "FILE", 1, 1, N_("Show what is in a package, and check it"),
	  N_("Shows what a package is, where it comes from and what is in it: folders, kinds of rows "
	     "and some of them, options, what stayed out. Its entries are compared with their "
	     "checksums on the way; no database is needed. Packages that open-politics-hq itself "
	     "wrote and universal ones are shown as far as they can be known.\n\n"
	     "--json gives one object: \"format\", \"format_version\", \"profile\" (native or "
	     "foreign), \"file_size\", \"entries\", \"bytes\"; \"counts\" (by kind: entries, rows, "
	     "bytes); \"tree\" (folders, each with what is below); \"references\" (rows outside, by "
	     "kind); \"samples\" (by kind; values are texts, cut to 200 bytes); \"manifest\", or "
	     "\"package_type\" and \"metadata\" where it isn't spaceport's own; \"findings\" and "
	     "\"found\" as validate has them; with --entries \"entry_list\", with --references "
	     "\"reference_list\"."),
	  cmd_inspect },
	{ "validate", "FILE...", 1, -1, N_("Check whether packages are whole and harmless"),
	  N_("Reads each package from its first byte to its last, without a database, and says "
	     "what is wrong with it: its structure, checksums, rows, references and counts. "
	     "Nothing is unpacked onto the disk.\n\n"
	     "Exit codes: 0 where all is as spaceport writes it; 3 where it is whole, but was "
	     "packed by another program, or something in it won't go as expected; 5 where it is "
	     "damaged; 6 where it is newer than this program understands.\n\n"
	     "Limits keep a hostile package from taking time, memory or disk; no real one "
	     "meets them."),
	  cmd_validate },
	{ "compat", "FILE", 1, 1, N_("Say whether an instance can take a package"),
	  N_("Says whether an instance can take a package, and what would be lost. It reads the "
	     "package, of any format that is read, and compares what is in it with what the instance "
	     "can hold: tables, columns, words, embeddings, files, and the rights of the "
	     "acting user where --into names an infospace. Nothing is written, neither here nor there. "
	     "The instance may be a live one or, with --target-profile, one that was described in a "
	     "file.\n\n"
	     "Exit codes: 0 where all goes as it is or is only kept elsewhere; 3 where something is "
	     "lost or replaced; 6 where it can't be imported; 5 where the package is damaged.\n\n"
	     "--json gives one object: \"verdict\" and \"found\" (how many findings of each weight); "
	     "\"findings\", each with \"weight\" (as_is, moved, filled, note, replaced, lost, "
	     "impossible), \"code\", \"kind\", \"column\", \"word\", \"rows\" \"of\" so many, "
	     "\"empty\" (of rows: only false, 0 or nothing stands there), \"to\" and \"text\"; "
	     "\"package\" and \"target\"."),
	  cmd_compat },
	{ "describe", "FILE", 1, 1, N_("Describe in a file what an instance can hold"),
	  N_("Writes what compat must know of an instance into a file: its tables, columns and words, "
	     "versions, whether its store can be reached, and the rights of the acting user where "
	     "--into names an infospace; no rows, addresses or secrets. An administrator can send it "
	     "to those who make packages. FILE may be '-', standard output. It fits the JSON Schema "
	     "target.json.\n\n"
	     "Nothing is written to the instance."),
	  cmd_describe },
	{ "keygen", "FILE", 1, 1, N_("Make a pair of keys for signing packages"),
	  N_("Makes a new Ed25519 key: FILE.key, to sign with (export run --sign), and FILE.pub, with "
	     "which others see who a package comes from (validate --trust). It shows the "
	     "fingerprint of the key; compare it with them on the telephone, for example.\n\n"
	     "The private key is encrypted with a passphrase, which is asked for on the terminal. "
	     "Both files are such as openssl(1) reads and writes."),
	  cmd_keygen },
	{ "make-run", "", 0, 0, N_("Make a run of test data"),
	  N_("Writes a varied run of test data into an infospace of the instance, the same for the "
	     "same --seed: unusual numbers, texts, dates and files included. For test instances."),
	  cmd_make_run },
	{ "instances list", "", 0, 0, N_("Show the instances that have a name"),
	  N_("Shows the instances that instances.ini describes."), cmd_instances_list },
	{ "instances add", "NAME", 1, 1, N_("Give an instance a name"),
	  N_("Writes into instances.ini how an instance is reached, so that its name is "
	     "enough from then on. What isn't given is left to the variables and defaults that "
	     "hold without a profile. Passwords and keys have no place there."),
	  cmd_instances_add },
	{ "instances test", "NAME", 1, 1, N_("Look whether an instance can be worked with"),
	  N_("Does what doctor does, for this instance."), cmd_instances_test },
	{ "instances remove", "NAME", 1, 1, N_("Forget an instance's name"),
	  N_("Takes an instance out of instances.ini. Nothing else is touched."),
	  cmd_instances_remove },
	{ "doctor", "", 0, 0, N_("Look whether everything works"),
	  N_("Looks at the way to the database step by step, at what it holds, what this login and "
	     "the acting user may do there, at the store, the clocks and this machine. Nothing is "
	     "changed. What fails keeps only those steps from being tried that need it.\n\n"
	     "Ends with 0, with 3 where something deserves attention, else with the code of the "
	     "first failure."),
	  cmd_doctor },
	{ "help", "[COMMAND]", 0, 2, N_("Show help for the program or a command"),
	  N_("Shows help for the program or one of its commands."), cmd_help },
	{ NULL, NULL, 0, 0, NULL, NULL, NULL },
};

const sp_command sp_wizard = {
	"", "", 0, 0, N_("Without a command, on a terminal: a wizard that asks for all of it"),
	N_("On a terminal, spaceport without a command begins a wizard. It exports: from an instance "
	   "to an infospace, its runs, what goes into packages, a preview, and the packages. And it "
	   "imports: from a package to an instance, an infospace, how, a dry run on which conflicts "
	   "are answered group by group, and the import. Nothing is written before the last step, and "
	   "it shows the command that does the same. --db, --store and --as name the instance to "
	   "begin with."),
	cmd_wizard
};

const sp_option sp_options[] = {
	/* what to show */
	{ "status", 0, SP_OPT_TEXT, "STATUS", NULL, NULL, 0, 0, STATUS,
	  N_("Only those with this status: of runs for example COMPLETED, of operations running, "
	     "done, failed, interrupted or lost.") },
	{ "limit", 0, SP_OPT_INT, "N", "50", NULL, 1, 1000000, OPERATIONS,
	  N_("Show at most so many.") },
	{ "since", 0, SP_OPT_TEXT, "DATE", NULL, NULL, 0, 0, RUNS,
	  N_("Only runs created or changed since then: YYYY-MM-DD, with a time of day "
	     "if need be, in UTC.") },
	{ "search", 0, SP_OPT_TEXT, "TEXT", NULL, NULL, 0, 0, RUNS,
	  N_("Only runs with this text in their name or description.") },
	{ "infospace", 0, SP_OPT_TEXT, "INFOSPACE", NULL, NULL, 0, 0, IN_SPACE,
	  N_("The infospace to look in: an id, a UUID or a name.") },

	/* the package */
	{ "output", 'o', SP_OPT_TEXT, "FILE|DIR", NULL, NULL, 0, 0, PLAN_AND_EXPORT,
	  N_("Where the package, or the plan, goes: a file; a folder, if it exists, ends in '/' or "
	     "there are several runs; '-' is standard output.") },
	{ "force", 0, SP_OPT_FLAG, NULL, NULL, NULL, 0, 0, REPLACES,
	  N_("Replace what exists: a file, or an instance of this name; import what is meant for "
	     "another instance.") },
	{ "dry-run", 0, SP_OPT_FLAG, NULL, NULL, NULL, 0, 0, DRY,
	  N_("Show what would be done, and stop.") },
	{ "include-source-assets", 0, SP_OPT_BOOL, NULL, "yes", NULL, 0, 0, EXPORT,
	  N_("Take the run's assets along, with their parents."),
	  N_("Source assets") },
	{ "include-chunks", 0, SP_OPT_BOOL, NULL, "yes", NULL, 0, 0, EXPORT,
	  N_("Take the chunks of the assets along."),
	  N_("Chunks") },
	{ "include-embeddings", 0, SP_OPT_BOOL, NULL, "no", NULL, 0, 0, EXPORT,
	  N_("Take the embeddings of the chunks along."),
	  N_("Embeddings") },
	{ "include-datasets", 0, SP_OPT_BOOL, NULL, "no", NULL, 0, 0, EXPORT,
	  N_("Take datasets along that name the run or one of its assets."),
	  N_("Datasets") },
	{ "include-dependencies", 0, SP_OPT_BOOL, NULL, "yes", NULL, 0, 0, EXPORT,
	  N_("Take along what the run refers to: previous versions of assets, bundles, sources, "
	     "graphs."),
	  N_("Dependencies") },
	{ "asset-format", 0, SP_OPT_CHOICE, "reference|inline|external", "reference", NULL, 0, 0,
	  EXPORT,
	  N_("Where the bytes of files go: an entry of their own, the asset's metadata, or not "
	     "into the package at all."),
	  N_("Files") },
	{ "preserve-uuids", 0, SP_OPT_BOOL, NULL, "no", NULL, 0, 0, EXPORT,
	  N_("Keep the UUIDs of the instance instead of derived ones."),
	  N_("UUIDs kept") },
	{ "target-instance-id", 0, SP_OPT_TEXT, "ID", NULL, NULL, 0, 0, EXPORT,
	  N_("The instance that the package is meant for; others refuse it unless forced."),
	  N_("For instance") },
	{ "exclude-field", 0, SP_OPT_LIST, "SCHEMA.FIELD", NULL, NULL, 0, 0, EXPORT,
	  N_("Leave this field out of all annotations of this schema; may be repeated."),
	  N_("Fields left out") },
	{ "exclude-tag", 0, SP_OPT_LIST, "TAG", NULL, NULL, 0, 0, EXPORT,
	  N_("Leave out what bears this tag; may be repeated."),
	  N_("Tags left out") },
	{ "exclude-asset", 0, SP_OPT_LIST, "UUID", NULL, NULL, 0, 0, EXPORT,
	  N_("Leave this asset out, with all that hangs on it; may be repeated."),
	  N_("Assets left out") },
	{ "no-authors", 0, SP_OPT_FLAG, NULL, NULL, NULL, 0, 0, EXPORT,
	  N_("Leave out who wrote what: no e-mail addresses and handles of users."),
	  N_("No authors") },
	{ "compression-level", 0, SP_OPT_INT, "LEVEL", "6", NULL, 0, 9, EXPORT,
	  N_("From 0 (none) to 9 (smallest)."),
	  N_("Compression") },
	{ "max-line", 0, SP_OPT_INT, "MIB", "64", NULL, 1, 1023, EXPORT,
	  N_("A row that needs more than so many MiB gets an entry of its own."),
	  N_("Longest line") },

	/* who made a package */
	{ "sign", 0, SP_OPT_TEXT, "KEY", NULL, NULL, 0, 0, EXPORT,
	  N_("Sign packages with the private key in this file, as keygen makes it.") },
	{ "trust", 0, SP_OPT_LIST, "KEY", NULL, NULL, 0, 0, CHECKS,
	  N_("Refuse what isn't signed with the key whose public half is in this file; may be "
	     "repeated: with one of these.") },
	{ "passphrase-file", 0, SP_OPT_TEXT, "FILE", NULL, NULL, 0, 0, PASSPHRASE,
	  N_("The first line of this file is the key's passphrase; '-' is standard input. Else it "
	     "is asked for on the terminal.") },
	{ "no-passphrase", 0, SP_OPT_FLAG, NULL, NULL, NULL, 0, 0, KEYGEN,
	  N_("Don't encrypt the private key: who can read the file can sign.") },

	/* where it is to go */
	{ "target-profile", 0, SP_OPT_TEXT, "FILE", NULL, NULL, 0, 0, COMPAT,
	  N_("The instance that this file describes, as describe writes it, instead of a live one.") },
	{ "into", 0, SP_OPT_TEXT, "INFOSPACE", NULL, NULL, 0, 0, TARGETS,
	  N_("The infospace that is meant: an id, a UUID or a name.") },
	{ "new", 0, SP_OPT_TEXT, "NAME", NULL, NULL, 0, 0, IMPORT,
	  N_("Make a new infospace of this name, which only its owner may see.") },
	{ "create-new-infospace", 0, SP_OPT_FLAG, NULL, NULL, NULL, 0, 0, IMPORT,
	  N_("With --target-infospace-name, the same as --new.") },
	{ "target-infospace-name", 0, SP_OPT_TEXT, "NAME", NULL, NULL, 0, 0, IMPORT,
	  N_("The name of the new infospace.") },
	{ "conflict-strategy", 0, SP_OPT_CHOICE, "smart|skip|overwrite|rename", "smart", NULL, 0, 0,
	  IMPORT,
	  N_("What becomes of rows that are here and differ: what is right for their kind, and for "
	     "what was changed since the last import; stay as they are here; become the package's; "
	     "or the package's come beside them."),
	  N_("What is here too") },
	{ "uuid-mapping-strategy", 0, SP_OPT_CHOICE, "generate|preserve|hybrid", "generate", NULL, 0,
	  0, IMPORT,
	  N_("UUIDs of new rows: new ones, the package's, or the package's where nobody has them."),
	  N_("UUIDs") },
	{ "only", 0, SP_OPT_TEXT, "PARTS", NULL, NULL, 0, 0, IMPORT,
	  N_("Take only these parts of the package, with commas between them: runs, schemas, "
	     "annotations, assets, chunks, bundles, sources, graphs, canons, flows, tasks, monitors, "
	     "pipelines, embeddings, datasets. What they need must be here then, or is left out "
	     "with them."),
	  N_("Parts") },
	{ "preserve-relationships", 0, SP_OPT_BOOL, NULL, "yes", NULL, 0, 0, IMPORT,
	  N_("Keep what rows may do without: parents, previous versions, bundles, sources, parent "
	     "runs. Without them an annotation still has its run, schema and asset."),
	  N_("Relationships") },
	{ "update-existing-schemas", 0, SP_OPT_BOOL, NULL, "no", NULL, 0, 0, IMPORT,
	  N_("Where the package's version of a schema only has more optional fields, or more values "
	     "to choose from, the schema here gets them. Any other comes as another version."),
	  N_("Schemas here change") },
	{ "decisions", 0, SP_OPT_TEXT, "FILE", NULL, NULL, 0, 0, IMPORT,
	  N_("What was decided of conflicts: a plan with decisions in it.") },
	{ "kind", 0, SP_OPT_TEXT, "KIND", NULL, NULL, 0, 0, DECIDE,
	  N_("Only rows of this kind: run, schema, annotation, asset, ...") },
	{ "group", 0, SP_OPT_INT, "N", NULL, NULL, 1, LONG_MAX, DECIDE,
	  N_("Only the rows of the group with this number.") },
	{ "row", 0, SP_OPT_TEXT, "ORIGIN", NULL, NULL, 0, 0, DECIDE,
	  N_("Only the row with this UUID at its source.") },
	{ "field", 0, SP_OPT_LIST, "FIELD", NULL, NULL, 0, 0, DECIDE,
	  N_("With merge: a column that becomes the package's, or a field inside one, as "
	     "value/document/sentiment, with its justification; may be repeated.") },
	{ "owner-id", 0, SP_OPT_TEXT, "USER", NULL, NULL, 0, 0, IMPORT,
	  N_("Who all imported rows belong to: an id, an e-mail address or a handle. Else authors "
	     "that this instance knows keep theirs, and all others go to the acting user."),
	  N_("Owner") },

	/* what else to show of a package */
	{ "samples", 0, SP_OPT_INT, "N", "2", NULL, 0, 100, INSPECT,
	  N_("Show so many rows of each kind.") },
	{ "entries", 0, SP_OPT_FLAG, NULL, NULL, NULL, 0, 0, INSPECT,
	  N_("Show every entry, too.") },
	{ "references", 0, SP_OPT_FLAG, NULL, NULL, NULL, 0, 0, INSPECT,
	  N_("Show every row outside the package that it names, too.") },

	/* how much a package may ask of who checks it */
	{ "max-entries", 0, SP_OPT_INT, "N", "5000000", NULL, 1, LONG_MAX, CHECKS,
	  N_("At most so many entries.") },
	{ "max-entry-size", 0, SP_OPT_INT, "MIB", "65536", NULL, 1, 1L << 40, CHECKS,
	  N_("At most so many MiB in one entry, unpacked.") },
	{ "max-total-size", 0, SP_OPT_INT, "MIB", "1048576", NULL, 1, 1L << 40, CHECKS,
	  N_("At most so many MiB in all entries, unpacked.") },
	{ "max-ratio", 0, SP_OPT_INT, "N", "200", NULL, 1, LONG_MAX, CHECKS,
	  N_("Unpacked at most so many times the size of the package, from 64 MiB on.") },
	{ "max-depth", 0, SP_OPT_INT, "N", "1000", NULL, 1, 65536, CHECKS,
	  N_("At most so many open brackets in JSON.") },
	{ "max-line-size", 0, SP_OPT_INT, "MIB", "1024", NULL, 1, 1L << 40, CHECKS,
	  N_("At most so many MiB in a line.") },
	{ "max-time", 0, SP_OPT_INT, "SECONDS", "86400", NULL, 1, LONG_MAX / 2, CHECKS,
	  N_("At most so many seconds for a package.") },

	/* test data */
	{ "assets", 0, SP_OPT_INT, "N", "10", NULL, 0, 10000000, MAKE, N_("How many assets.") },
	{ "schemas", 0, SP_OPT_INT, "N", "3", NULL, 1, 1000, MAKE, N_("How many schemas.") },
	{ "annotations", 0, SP_OPT_INT, "N", "100", NULL, 0, 100000000, MAKE,
	  N_("How many annotations.") },
	{ "seed", 0, SP_OPT_INT, "N", "1", NULL, 0, LONG_MAX, MAKE,
	  N_("The same number makes the same run.") },

	/* the schema */
	{ "print", 0, SP_OPT_FLAG, NULL, NULL, NULL, 0, 0, SETUP,
	  N_("Write the SQL to standard output instead, without connecting.") },
	{ "grant", 0, SP_OPT_LIST, "ROLE", NULL, NULL, 0, 0, SETUP,
	  N_("Let this role of the server record its operations, and see all of them; may be "
	     "repeated.") },

	/* the instance */
	{ "instance", 0, SP_OPT_TEXT, "NAME", NULL, "SPACEPORT_INSTANCE", 0, 0, LIVE,
	  N_("The instance, by its name in instances.ini. What other options say goes before what "
	     "stands there.") },
	{ "db", 0, SP_OPT_TEXT, "CONNINFO", NULL, NULL, 0, 0, CONNECTS,
	  N_("The instance's database: a libpq connection string or URI without a password. What "
	     "it doesn't say comes from the PG* variables, the service file and ~/.pgpass, as in "
	     "psql.") },
	{ "store", 0, SP_OPT_TEXT, "dir:PATH|s3://BUCKET[/PREFIX]", NULL, NULL, 0, 0, WITH_STORE,
	  N_("Where the instance keeps its files: a folder, or a bucket of S3 or MinIO. Credentials "
	     "of a bucket come from the AWS_* variables and the files below ~/.aws, as for Amazon's "
	     "own tools.") },
	{ "store-endpoint", 0, SP_OPT_TEXT, "URL", NULL, NULL, 0, 0, WITH_STORE,
	  N_("The address of an S3 service other than Amazon's, https://HOST[:PORT]; http:// for "
	     "one that nobody can listen to. Else AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL say it.") },
	{ "store-region", 0, SP_OPT_TEXT, "REGION", NULL, NULL, 0, 0, WITH_STORE,
	  N_("Its region; else AWS_REGION says it, else it is us-east-1.") },
	{ "store-addressing", 0, SP_OPT_CHOICE, "auto|path|virtual", NULL, NULL, 0, 0, WITH_STORE,
	  N_("Whether the bucket stands in the path or in the host's name.") },
	{ "store-ca", 0, SP_OPT_TEXT, "FILE", NULL, NULL, 0, 0, WITH_STORE,
	  N_("Certificates (PEM) of who may vouch for the service; else AWS_CA_BUNDLE, else the "
	     "system's.") },
	{ "store-profile", 0, SP_OPT_TEXT, "NAME", NULL, NULL, 0, 0, WITH_STORE,
	  N_("The profile in ~/.aws/credentials and ~/.aws/config that holds its keys and "
	     "settings; else AWS_PROFILE says it.") },
	{ "as", 0, SP_OPT_TEXT, "USER", NULL, "SPACEPORT_AS", 0, 0, ACTS,
	  N_("The user of the instance on whose behalf this is done: an id, an e-mail address or a "
	     "handle. What they may not read doesn't exist here.") },
	{ "instance-id", 0, SP_OPT_TEXT, "ID", NULL, NULL, 0, 0, ADD,
	  N_("What the instance is known by in packages, so that it stays the same when it moves to "
	     "another server: a UUID or any text. Else it is derived from server and database.") },
	{ "careful", 0, SP_OPT_FLAG, NULL, NULL, NULL, 0, 0, ADD,
	  N_("Have the instance's name typed before anything is written there.") },
	{ "timeout", 0, SP_OPT_INT, "SECONDS", NULL, NULL, 1, 86400, CONNECTS,
	  N_("How long the server may be silent; 120 where the profile doesn't say.") },
	{ "connect-timeout", 0, SP_OPT_INT, "SECONDS", NULL, NULL, 1, 86400, CONNECTS,
	  N_("How long connecting may take; 10 where neither profile nor connection string say.") },

	/* the program */
	{ "plain", 0, SP_OPT_FLAG, NULL, NULL, NULL, 0, 0, WIZARD,
	  N_("Ask line by line instead of drawing screens: for screen readers and terminals that "
	     "can't be drawn on.") },
	{ "yes", 'y', SP_OPT_FLAG, NULL, NULL, NULL, 0, 0, WRITES,
	  N_("Don't ask, go on.") },
	{ "json", 0, SP_OPT_FLAG, NULL, NULL, NULL, 0, 0, EVERY,
	  N_("Results as JSON, for scripts; never translated. On standard error where the package "
	     "itself goes to standard output.") },
	{ "progress", 0, SP_OPT_CHOICE, "auto|tty|json|none", "auto", NULL, 0, 0, LONG,
	  N_("How to show progress on standard error: in one line of the terminal, or as lines of "
	     "JSON.") },
	{ "quiet", 'q', SP_OPT_FLAG, NULL, NULL, NULL, 0, 0, EVERY,
	  N_("Only results, errors and questions.") },
	{ "help", 'h', SP_OPT_FLAG, NULL, NULL, NULL, 0, 0, EVERY, N_("Show help.") },
	{ "version", 'V', SP_OPT_FLAG, NULL, NULL, NULL, 0, 0, EVERY, N_("Show the version.") },
	{ NULL, 0, SP_OPT_FLAG, NULL, NULL, NULL, 0, 0, NULL, NULL },
};

/* The codes of core/base/error.h. */
const sp_explained sp_exits[] = {
	{ "0", N_("Done.") },
	{ "1", N_("Failed.") },
	{ "2", N_("The command line or a setting is wrong.") },
	{ "3", N_("Done, with warnings.") },
	{ "4", N_("Conflicts await a decision.") },
	{ "5", N_("The package is damaged or none, or not signed with a trusted key.") },
	{ "6", N_("Package, database or program don't fit together.") },
	{ "7", N_("The acting user may not do that.") },
	{ "8", N_("No connection to the database or the store, or it was lost.") },
	{ "9", N_("The target has changed or is busy.") },
	{ "130", N_("Interrupted.") },
	{ NULL, NULL },
};

const sp_explained sp_variables[] = {
	{ "PGHOST, PGPORT, PGDATABASE, PGUSER, PGSERVICE, PGPASSFILE, ...",
	  N_("What --db doesn't say, as in psql(1).") },
	{ "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN",
	  N_("Credentials for a bucket.") },
	{ "AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL",
	  N_("What --store-endpoint doesn't say; without either it is Amazon's.") },
	{ "AWS_REGION, AWS_DEFAULT_REGION", N_("What --store-region doesn't say.") },
	{ "AWS_CA_BUNDLE", N_("What --store-ca doesn't say.") },
	{ "AWS_PROFILE, AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE",
	  N_("The profile in these files that says what the variables above don't.") },
	{ "HTTPS_PROXY, NO_PROXY", N_("The way to the store, as for curl(1).") },
	{ "LANGUAGE, LC_ALL, LC_MESSAGES, LANG", N_("The language of messages.") },
	{ "XDG_CONFIG_HOME", N_("Where spaceport/instances.ini is, else ~/.config.") },
	{ "XDG_STATE_HOME",
	  N_("Where the wizard keeps what isn't finished, in spaceport/drafts, and where operations "
	     "are on record that couldn't be in the database, in spaceport/operations; else "
	     "~/.local/state.") },
	{ "NO_COLOR", N_("Anything: the wizard uses no colours.") },
	{ "ACCESSIBLE", N_("Anything but 0: the wizard asks line by line, as with --plain.") },
	{ "TMPDIR", N_("Where temporary files go that don't lie beside the package.") },
	{ NULL, NULL },
};

const sp_explained sp_files[] = {
	{ "~/.config/spaceport/instances.ini",
	  N_("Instances by name: a section each, with the keys db, store, store_endpoint, "
	     "store_region, store_addressing, store_ca, store_profile, as, instance_id, careful, "
	     "timeout and connect_timeout, which mean what the options of these names do.") },
	{ "~/.local/state/spaceport/drafts/",
	  N_("Exports of the wizard that aren't finished, a file each, for 30 days: names and UUIDs "
	     "of runs, options, the folder; never what connects to an instance.") },
	{ "~/.local/state/spaceport/plans/",
	  N_("Plans of imports that the wizard has made, with what was decided, for 30 days; those in "
	     "which nothing was decided go with the import.") },
	{ "~/.local/state/spaceport/operations/",
	  N_("Operations that couldn't be on record in their database, a file each, for a year or "
	     "as long as they are among the last 10000: the names of run and infospace, options, "
	     "the package's path, how it ended; never a connection string.") },
	{ "~/.pgpass", N_("Passwords for databases; see psql(1).") },
	{ "~/.pg_service.conf", N_("Named connections, for --db service=NAME; see psql(1).") },
	{ "~/.aws/credentials, ~/.aws/config",
	  N_("Credentials and settings for buckets, by profiles, as Amazon's tools have them.") },
	{ NULL, NULL },
};

const sp_explained sp_examples[] = {
	{ "spaceport list runs --db postgresql://hq@db.example/hq --as ana@example.org",
	  N_("What is there?") },
	{ "spaceport export run 17 --db service=hq --as ana --store dir:/srv/hq/files -o packages/",
	  N_("Export the run with id 17 into a folder.") },
	{ "AWS_ENDPOINT_URL=https://minio.example spaceport export run 17 --db service=hq --as ana "
	  "--store s3://osint-kernel-bucket -o packages/",
	  N_("The same, with the files in MinIO.") },
	{ "spaceport export run \"Speeches 2024\" --db service=hq --as ana --asset-format external "
	  "--yes -o - | ssh backup \"cat >run.zip\"",
	  N_("Send a package without files to another machine.") },
	{ "spaceport instances add prod --db \"service=hq\" --as ana@example.org "
	  "--store dir:/srv/hq/files",
	  N_("Give an instance a name.") },
	{ "spaceport doctor --instance prod", N_("Look whether everything works there.") },
	{ "spaceport setup --print --grant hq_reader | psql service=hq",
	  N_("Have operations on record in the database.") },
	{ "spaceport inspect run.zip --json | jq .counts", N_("Look into a package.") },
	{ "spaceport validate run.zip && echo good", N_("Check a package.") },
	{ "spaceport import run.zip --instance prod --into \"Energy 2025\"",
	  N_("Import it, after a look at what that does.") },
	{ "spaceport plan run.zip --instance prod --into \"Energy 2025\" -o run.plan",
	  N_("Have a plan decided and done by others: see decide and apply.") },
	{ "spaceport compat run.zip --instance prod --into \"Energy 2025\"",
	  N_("What would be lost there?") },
	{ "spaceport describe prod.json --instance prod",
	  N_("Describe an instance for those who have no way there.") },
	{ "spaceport compat run.zip --target-profile prod.json",
	  N_("Ask the same of such a file.") },
	{ "spaceport validate --trust ana.pub run.zip && echo \"good, and from Ana\"",
	  N_("Check that it is somebody's, too.") },
	{ NULL, NULL },
};

const char *sp_option_variable(const sp_option *option, const sp_command *command)
{
	/* what is noted for good is what was said, not what happens to be set */
	return command && command->run == cmd_instances_add ? NULL : option->env;
}
