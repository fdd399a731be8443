/* The keys that a command line names, and their passphrases: from a file, else
 * from the terminal, without being shown there. Never from argv or environment,
 * where others can read them. */
#ifndef SP_SRC_KEYS_H
#define SP_SRC_KEYS_H

#include "core/package/signature.h"
#include "src/cli.h"

/* --sign: the key, NULL where none is given, or with an error. */
sp_private_key *sp_cli_signing_key(const sp_cli *cli, sp_error *err);

/* --trust: the keys, NULL where none is given, or with an error. */
sp_trust *sp_cli_trust(const sp_cli *cli, sp_error *err);

/* The passphrase that a new key, FILE, is to get: asked for twice; *len 0: none.
 * Overwrite `room` after use. Watch a job (sp_signals_watch()), so that the
 * terminal is put right after Ctrl-C; for the signing key as well. */
bool sp_cli_new_passphrase(const sp_cli *cli, const char *file, char room[SP_MOST_PASSPHRASE],
                           size_t *len, sp_error *err);

#endif
