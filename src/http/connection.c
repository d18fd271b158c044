/* SPDX-License-Identifier: MIT */
/* src/http/connection.c - what every kind of HTTP connection has. */
#include <sockutil/http/connection.h>

void http_connection_free(struct http_connection *c)
{
	if (c)
		c->ops->free(c);
}
