/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_MIME_TYPE_H
#define SOCKUTIL_PROTO_MIME_TYPE_H
/* Media types of files by the ends of their names (RFC 9110, 8.3; the registry of IANA). */

/* What stands behind the last dot of name's last segment decides, in any case; a dot at its start
 * is part of the name. "text/html; charset=utf-8", "application/octet-stream" for what is not
 * known. Static text. */
const char *mime_type_of(const char *name);
#endif
