/* What must not leave an instance inside a json column, and what is left out
 * on request: decided key by key, while the text is copied. */
#ifndef SP_MODEL_SECRETS_H
#define SP_MODEL_SECRETS_H

#include <stdbool.h>
#include <stddef.h>

/* True for a member of a settings column whose name says that its value is a
 * secret: api_keys, password … in any spelling of case, "_" and "-". */
bool sp_is_secret_key(const char *key, size_t len);

/* True for the members of source.details that travel: an allow-list, since
 * analysts type credentials of any name there. */
bool sp_is_open_detail(const char *key, size_t len);

/* True where a text carries credentials: a URL with a user before the host or
 * with a parameter whose name says so, "user:password@host", or what stands
 * in an Authorization header. */
bool sp_is_secret_text(const char *text, size_t len);

/* The same for texts of any kind, of which most are none: true where a URL in it
 * has user and password before the host, or a parameter whose name says so. */
bool sp_is_secret_url(const char *text, size_t len);

/* True for a cached copy of annotated values inside a dashboard. */
bool sp_is_cached_output(const char *key, size_t len);

#endif
