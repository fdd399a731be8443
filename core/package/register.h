/*
 * Which rows, entries and files a package of spaceport's own format has, and
 * which are named in it: gathered while it is read, compared at the end. Memory
 * doesn't grow with the package.
 */
#ifndef SP_PACKAGE_REGISTER_H
#define SP_PACKAGE_REGISTER_H

#include "core/package/keys.h"
#include "core/package/walk.h"

typedef struct sp_register sp_register;

/* NULL and an error where it can't. */
sp_register *sp_register_create(sp_checking *check, sp_error *err);
void sp_register_free(sp_register *reg);

/* A kind of row, from its word; 0 stands for any. The words are an open list:
 * 32 bits of each tell them apart, and who makes two collide only has a
 * reference pass that names another kind of row. */
typedef uint32_t sp_kind_bits;
sp_kind_bits sp_kind_bits_of(const char *word, size_t len);

/*
 * While the walk reads. Errors are kept for sp_register_go_on(). What is added
 * stands in the entry that sp_register_entry() told of last; `place`: where
 * (its entry doesn't count). Of keys, the bytes are read.
 */
void sp_register_entry(sp_register *reg, const char *path, uint64_t number);
/* A row with this id; its key can be given to sp_register_due() then. */
void sp_register_row(sp_register *reg, const sp_place *place, sp_key *id, sp_kind_bits kind);
/* The mapping must have the row. */
void sp_register_due(sp_register *reg, const sp_key *id);
/* The mapping has it, as one that is here, or outside. */
void sp_register_mapped(sp_register *reg, const sp_place *place, const sp_key *id,
                        sp_kind_bits kind, bool outside);
/* A row is named. `surely`: it is damage where it isn't there, else a doubt. */
void sp_register_name(sp_register *reg, const sp_place *place, const sp_key *id, sp_kind_bits kind,
                      bool surely);
/* An entry is named. */
void sp_register_path(sp_register *reg, const sp_place *place, const char *path, size_t len);
/*
 * Bytes of a file are known by where they stand (the entry's path), whether as the
 * entry or inside its row, and how many they are. They are there, or are `named`.
 */
void sp_register_bytes(sp_register *reg, const sp_place *place, bool named, bool inside,
                       const char *path, int64_t size);

/* False where an error was kept: hands it over. */
bool sp_register_go_on(sp_register *reg, sp_error *err);
/* After all was read: tells of what is there twice, or named and not there. */
bool sp_register_end(sp_register *reg, sp_walk *walk, sp_error *err);

#endif
