/* SPDX-License-Identifier: MIT */
/* src/stream/tls_info.c - a handshake's result as JSON. */
#include <sockutil/base/json.h>
#include <sockutil/stream/tls_info.h>

bool tls_info_json(struct buffer *out, const struct tls_info *tls)
{
	if (!tls->version)
		return json_member(out, "tls", NULL);
	return json_key(out, "tls") && buffer_add(out, "{", 1) &&
	       json_member(out, "version", tls->version) &&
	       json_member(out, "cipher", tls->cipher) && json_member(out, "group", tls->group) &&
	       json_member(out, "alpn", tls->alpn) &&
	       json_member(out, "server_name", tls->servername) &&
	       json_member_bool(out, "verified", tls->verified) &&
	       json_member_bool(out, "resumed", tls->resumed) &&
	       json_member(out, "subject", tls->subject) &&
	       json_member(out, "issuer", tls->issuer) &&
	       json_member(out, "not_after", tls->not_after) &&
	       json_member(out, "fingerprint", tls->fingerprint) &&
	       json_member(out, "pin", tls->pin) && buffer_add(out, "}", 1);
}
