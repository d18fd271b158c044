/* SPDX-License-Identifier: MIT */
/* src/modes/get_setup.c - what was given, as the client wants it told. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/get/route.h>
#include <sockutil/modes/get.h>
#include <sockutil/proto/http_head.h>
#include <sockutil/proto/http_range.h>

static bool refuse(struct failure *why, const char *text)
{
	fail(why, FAILURE_USAGE, "%s", text);
	return false;
}

/* --- what is sent ------------------------------------------------------------------- */

static bool add_query(struct get_setup *s, const struct get_args *a, struct failure *why)
{
	if (!get_body_query(&s->query, a->data.items, a->data.count, why))
		return false;
	s->options.query = buffer_text(&s->query);
	return true;
}

static bool add_body(struct get_setup *s, const struct get_args *a, struct failure *why)
{
	struct get_options *o = &s->options;
	bool wanted = true;

	if (a->get)
		return add_query(s, a, why);
	if (a->data.count)
		o->body = get_body_data(a->data.items, a->data.count, why);
	else if (a->data_json)
		o->body = get_body_json(a->data_json, why);
	else if (a->form.count)
		o->body = get_body_form(a->form.items, a->form.count, why);
	else if (a->upload)
		o->body = get_body_upload(a->upload, why);
	else
		wanted = false;
	o->upload = a->upload != NULL;
	if (wanted && !o->body)
		return false;
	if (a->head && o->body)
		return refuse(why, "--head asks for nothing but the head: --data has no place, "
				   "unless --get puts it into the URL");
	return true;
}

static bool add_method(struct get_setup *s, const struct get_args *a, struct failure *why)
{
	const char *method = a->request;

	if (method && !http_token_valid(method, strlen(method)))
		return refuse(why, "--request: a method is one word, as in -X DELETE");
	if (method && !strcmp(method, "CONNECT"))
		return refuse(why, "--request: CONNECT opens a tunnel and fetches nothing; "
				   "sockutil connect is for that");
	if (method && !strcmp(method, "HEAD"))
		return refuse(why, "--request: HEAD is written as --head (-I)");
	s->options.method = method;
	return true;
}

static bool check_value(const char *option, const char *text, struct failure *why)
{
	if (!text || !*text || http_value_valid(text, strlen(text)))
		return true;
	fail(why, FAILURE_USAGE, "%s: control characters, and blanks at its ends, have no place",
	     option);
	return false;
}

/* --- cookies ------------------------------------------------------------------------ */

/* A jar that is written at the end may not be there yet. */
static bool read_cookies(struct get_setup *s, const struct get_args *a, const char *file,
			 struct failure *why)
{
	bool own = a->cookie_jar && !strcmp(a->cookie_jar, file);

	return !*file || cookie_jar_read(s->options.jar, file, own, why);
}

static bool add_cookies(struct get_setup *s, const struct get_args *a, struct failure *why)
{
	for (size_t i = 0; i < a->cookie.count; i++) {
		const char *text = a->cookie.items[i];

		if (!strchr(text, '=')) {
			if (!s->options.jar)
				s->options.jar = cookie_jar_new();
			if (!read_cookies(s, a, text, why))
				return false;
			continue;
		}
		if (!check_value("--cookie", text, why) ||
		    !buffer_format(&s->cookies, "%s%s", s->cookies.length ? "; " : "", text))
			return false;
	}
	if (s->cookies.length)
		s->options.cookies = buffer_text(&s->cookies);
	if (a->cookie_jar && !s->options.jar)
		s->options.jar = cookie_jar_new();
	return true;
}

/* --- the rest ----------------------------------------------------------------------- */

static bool add_checksum(struct get_setup *s, const char *text, struct failure *why)
{
	const char *colon = strchr(text, ':');
	const struct digest_algorithm *algorithm =
		colon ? digest_find(text, (size_t)(colon - text)) : NULL;
	size_t length = colon ? strlen(colon + 1) : 0;

	if (!algorithm) {
		fail(why, FAILURE_USAGE,
		     "--checksum: \"%.150s\" is not NAME:HEX with NAME one of %s", text,
		     digest_names());
		return false;
	}
	if (length != 2 * digest_length(algorithm) ||
	    strspn(colon + 1, "0123456789abcdefABCDEF") != length) {
		fail(why, FAILURE_USAGE, "--checksum: a %s digest has %zu hex digits",
		     digest_name(algorithm), 2 * digest_length(algorithm));
		return false;
	}
	for (size_t i = 0; i <= length; i++)
		s->checksum[i] = (char)tolower((unsigned char)colon[1 + i]);
	s->options.checksum = algorithm;
	s->options.checksum_text = s->checksum;
	return true;
}

static bool add_routes(struct get_setup *s, const struct get_args *a, struct failure *why)
{
	const struct option_list *lists[] = { &a->resolve, &a->connect_to };

	s->routes = memory_zeroed(a->resolve.count + a->connect_to.count + 1, sizeof *s->routes);
	s->options.routes = s->routes;
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < lists[k]->count; i++)
			if (!route_parse(&s->routes[s->options.route_count++], lists[k]->items[i],
					 k == 1, why))
				return false;
	return true;
}

/* What is kept for one URL is nothing for two. */
static bool check_several(const struct get_args *a, bool several, struct failure *why)
{
	const char *option = a->checksum                                          ? "checksum"
			     : a->etag                                            ? "etag"
			     : a->dump_header && strcmp(a->dump_header, "-") != 0 ? "dump-header"
										  : NULL;

	if (!several || !option)
		return true;
	fail(why, FAILURE_USAGE, "--%s is about one URL: fetch the others by themselves", option);
	return false;
}

static void take_values(struct get_options *o, const struct get_args *a)
{
	o->user_agent = a->user_agent;
	o->referer = a->referer;
	o->range = a->range;
	o->compressed = a->compressed;
	o->show = a->head ? GET_SHOW_HEAD : a->include ? GET_SHOW_HEAD_AND_BODY : GET_SHOW_BODY;
	o->head_file = a->dump_header;
	o->follow = !a->no_follow;
	o->max_redirects = a->max_redirects;
	o->allow_downgrade = a->allow_downgrade;
	o->body_on_error = a->body_on_error;
	o->no_fail = a->no_fail;
	o->retries = a->retries;
	o->retry_given = a->retry_given;
	o->retry_delay_ms = a->retry_delay_ms;
	o->retry_max_ms = a->retry_max_ms;
	o->continuing = a->continuing;
	o->newer = a->newer;
	o->etag_file = a->etag;
	o->max_size = a->max_size;
	o->min_rate = a->min_rate;
	o->idle_ms = a->common.idle_ms;
	o->unix_socket = a->unix_socket;
	o->segments = (unsigned)a->segments;
	o->version = (enum http_version)a->version;
}

bool get_setup(struct get_setup *s, const struct get_args *a, bool several, struct failure *why)
{
	take_values(&s->options, a);
	if (a->range && !http_range_valid(a->range)) {
		fail(why, FAILURE_USAGE,
		     "--range: \"%.150s\" is not a range of bytes (examples: 0-499, 500-, -500)",
		     a->range);
		return false;
	}
	return check_several(a, several, why) && get_files_check(a, why) &&
	       check_value("--user-agent", a->user_agent, why) &&
	       check_value("--referer", a->referer, why) && add_method(s, a, why) &&
	       (!a->checksum || add_checksum(s, a->checksum, why)) && add_routes(s, a, why) &&
	       get_headers_add(s, &a->header, why) && add_body(s, a, why) &&
	       add_cookies(s, a, why) && get_login_add(s, a, why) && get_proxy_add(s, a, why);
}

static void wipe(struct buffer *b)
{
	if (b->length)
		memory_wipe(buffer_bytes(b), b->length);
	buffer_free(b);
}

/* A line was cut at its colon. */
static void wipe_line(const struct get_setup *s, size_t i)
{
	const struct http_header *h = i < s->options.header_count ? &s->header_list[i] : NULL;

	if (h && h->name == s->lines[i])
		memory_wipe((char *)(uintptr_t)h->value, strlen(h->value));
	free(s->lines[i]);
}

void get_setup_free(struct get_setup *s)
{
	for (size_t i = 0; i < s->line_count; i++)
		wipe_line(s, i);
	free(s->lines);
	free(s->header_list);
	wipe(&s->headers);
	wipe(&s->query);
	wipe(&s->cookies);
	wipe(&s->netrc);
	wipe(&s->token);
	if (s->user)
		memory_wipe(s->user, GET_LOGIN_ROOM);
	free(s->user);
	for (size_t i = 0; i < s->options.route_count; i++)
		route_free(&s->routes[i]);
	free(s->routes);
	get_proxy_free(s);
	get_body_free(s->options.body);
	cookie_jar_free(s->options.jar);
	*s = (struct get_setup){ 0 };
}
