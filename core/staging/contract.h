/*
 * What is asked of whom to justify: a schema's field_specific_justification_configs, by the names
 * of fields, or members of those fields in its output_contract: from one into the other.
 */
#ifndef SP_STAGING_CONTRACT_H
#define SP_STAGING_CONTRACT_H

#include "core/staging/line.h"

/* Into the contract, at each property of the name that it has at any depth; what the contract says
 * by itself counts. What it has no property for is lost: adds to *lost. */
bool sp_contract_lift(sp_line *schema, int64_t *lost, sp_error *err);

/* Out of the contract; where that could not be put back as it was, the contract keeps it too. */
bool sp_contract_lower(sp_line *schema, sp_error *err);

#endif
