/* SPDX-License-Identifier: MIT */
/* common_options.c - what the options that every mode shares ask for, checked and handed on. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <sockutil/base/log.h>
#include <sockutil/modes/common_options.h>
#include <sockutil/modes/common_sockopts.h>

static bool open_log(const struct common_options *common, const char *command, bool server,
		     struct failure *why)
{
	const struct log_options options = {
		.command = command,
		.file = common->log_file,
		.color = (enum log_color)common->color,
		.level = common->quiet         ? LOG_LEVEL_ERROR
			 : common->verbose > 1 ? LOG_LEVEL_DEBUG
			 : common->verbose     ? LOG_LEVEL_INFO
					       : LOG_LEVEL_NOTICE,
		.json = common->log_json,
		.batched = server,
	};

	return log_open(&options, why);
}

/* TLS 1.2 has no external PSK over TCP that proves both sides without a certificate. */
static bool check_versions(const struct common_options *common, struct failure *why)
{
	if (common->tls_min_given && common->tls_max_given && common->tls_min > common->tls_max)
		fail(why, FAILURE_USAGE, "--tls-min 1.3 is above --tls-max 1.2");
	else if (common->secret && common->tls_max_given && common->tls_max == 0)
		fail(why, FAILURE_USAGE,
		     "--secret needs TLS 1.3: it cannot be given together with --tls-max 1.2");
	else
		return true;
	return false;
}

static bool check_keys(const struct common_options *common, struct failure *why)
{
	if (common->key.count == 0 || common->key.count == common->cert.count)
		return true;
	fail(why, FAILURE_USAGE,
	     "--cert was given %zu times and --key %zu times: one --key for each --cert, in order",
	     common->cert.count, common->key.count);
	return false;
}

static void warn(void *data, const char *text)
{
	(void)data;
	log_warning("%s", text);
}

static struct tls_options tls_options_of(const struct common_options *common)
{
	static const char *const versions[] = { "1.2", "1.3" };

	return (struct tls_options){
		.insecure = common->insecure,
		.ca = common->ca,
		.cert = common->cert.items,
		.key = common->key.items,
		.key_passfile = common->key_passfile,
		.servername = common->servername,
		.verify_name = common->verify_name,
		.pin = common->pin,
		.tofu = common->tofu,
		.crl = common->crl,
		.alpn = common->alpn,
		.min = common->tls_min_given ? versions[common->tls_min] : NULL,
		.max = common->tls_max_given ? versions[common->tls_max] : NULL,
		.ciphers = common->ciphers,
		.groups = common->groups,
		.keylog = common->keylog,
		.secret = common->secret,
		.warn = warn,
	};
}

static int family_of(const struct common_options *common)
{
	return common->family == 4 ? AF_INET : common->family == 6 ? AF_INET6 : AF_UNSPEC;
}

static uint64_t either(uint64_t own, uint64_t both)
{
	return own ? own : both;
}

bool common_options_apply(const struct common_options *common, const char *command, bool server,
			  struct stream_options *out, struct failure *why)
{
	*out = (struct stream_options){
		.net = {
			.family = family_of(common),
			.source = common->source,
			.interface = common->interface,
			.mptcp = common->mptcp,
			.fastopen = common->fastopen,
		},
		.tls = common->tls,
		.tls_options = tls_options_of(common),
		.limit_up = either(common->limit_rate_up, common->limit_rate),
		.limit_down = either(common->limit_rate_down, common->limit_rate),
		.timeout_ms = common->timeout_ms,
	};
	if (!open_log(common, command, server, why))
		return false;
	if (!check_versions(common, why) || !check_keys(common, why) ||
	    !common_sockopts_add(common, &out->net.sockopts, why))
		goto cleanup;
	if (common->record || common->hex) {
		out->tap = tap_open(common->record, common->hex, why);
		if (!out->tap)
			goto cleanup;
	}
	return true;
cleanup:
	sockopt_list_free(&out->net.sockopts);
	return false;
}

bool common_options_free(struct stream_options *out, struct failure *why)
{
	bool whole = tap_close(out->tap, why);

	out->tap = NULL;
	sockopt_list_free(&out->net.sockopts);
	return whole;
}

/* The first option given that says nothing without TLS, or NULL. */
static const char *tls_only(const struct common_options *common)
{
	const struct {
		const char *name;
		bool given;
	} options[] = {
		{ "insecure", common->insecure },
		{ "ca", common->ca },
		{ "cert", common->cert.count > 0 },
		{ "key", common->key.count > 0 },
		{ "key-passfile", common->key_passfile },
		{ "servername", common->servername },
		{ "verify-name", common->verify_name },
		{ "pin", common->pin },
		{ "tofu", common->tofu },
		{ "crl", common->crl },
		{ "alpn", common->alpn },
		{ "tls-min", common->tls_min_given },
		{ "tls-max", common->tls_max_given },
		{ "ciphers", common->ciphers },
		{ "groups", common->groups },
		{ "keylog", common->keylog },
		{ "secret", common->secret },
	};

	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (options[i].given)
			return options[i].name;
	return NULL;
}

bool common_options_check_tls(const struct common_options *common, bool uses_tls,
			      struct failure *why)
{
	const char *name = uses_tls ? NULL : tls_only(common);

	if (!name)
		return true;
	fail(why, FAILURE_USAGE, "--%s needs --tls or a tls:// endpoint", name);
	return false;
}
