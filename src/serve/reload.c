/* SPDX-License-Identifier: MIT */
/* Files read again while the server runs. */
#include <sockutil/base/log.h>
#include <sockutil/serve/reload.h>
#include <sockutil/serve/server.h>

static bool has_rules(const struct server_options *options)
{
	return options->allow || options->deny;
}

/* A certificate made in memory stays: clients know its pin. */
static bool has_certificates(const struct server_options *options)
{
	const struct tls_options *tls = &options->stream->tls_options;

	return (tls->cert && tls->cert[0]) || tls->client_ca;
}

bool reload_possible(const struct server_options *options)
{
	return has_rules(options) || has_certificates(options) || options->reloads;
}

static void reload_rules(struct server *server)
{
	struct failure why = { 0 };

	if (access_reload(server->access, &why))
		log_notice("--allow and --deny read again");
	else
		log_warning("%s; the rules stay as they were", why.text);
}

/* Connections made from the old context hold it. */
static void reload_certificates(struct server *server)
{
	struct failure why = { 0 };
	const struct tls_api *api = tls_load(&why);
	struct tls_context *fresh = NULL;

	if (api)
		fresh = api->server(&server->options->stream->tls_options, &why);
	if (!fresh) {
		log_warning("%s; the certificates stay as they were", why.text);
		return;
	}
	api->context_free(*server->tls);
	*server->tls = fresh;
	log_notice("certificates read again");
}

static void reload_handler(struct server *server)
{
	struct failure why = { 0 };

	if (server->options->handler->reload(server->data, &why))
		log_notice("files of --%s read again", server->options->handler->name);
	else
		log_warning("%s; it stays as it was", why.text);
}

void reload_server(struct server *server)
{
	if (server->access)
		reload_rules(server);
	if (*server->tls && has_certificates(server->options))
		reload_certificates(server);
	if (server->options->reloads)
		reload_handler(server);
}
