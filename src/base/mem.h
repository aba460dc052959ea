/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Memory: allocation that ends the program when there is none, and clean-up of locals. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

/* As their namesakes, but never NULL: without memory the program aborts, which the engine
 * survives like any other crash. Caller frees. */
void *xcalloc(size_t n, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *xvasprintf(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

/* Overwrites, then frees; for buffers that held a secret. s may be NULL. */
void free_secret(char *s);

/* For __attribute__((cleanup)): each takes a pointer to the local. */
void cleanup_free(void *p);
void cleanup_secret(char **p);
void cleanup_close(int *fd);
void cleanup_fclose(void *fp);
void cleanup_strv(char ***v);
#define _cleanup_free_ __attribute__((cleanup(cleanup_free)))
#define _cleanup_secret_ __attribute__((cleanup(cleanup_secret)))
#define _cleanup_close_ __attribute__((cleanup(cleanup_close)))
#define _cleanup_fclose_ __attribute__((cleanup(cleanup_fclose)))
#define _cleanup_strv_ __attribute__((cleanup(cleanup_strv)))

/* Hands a local's value out and leaves NULL behind, so that its cleanup frees nothing. */
#define steal(p) ({ __typeof__(p) steal_ = (p); (p) = NULL; steal_; })

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* NULL-terminated string vectors. strv_add takes s (steals). */
void strv_add(char ***v, char *s);
size_t strv_len(char *const *v);
void strv_free(char **v);
