/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_HTTP_HTTP2_LIBRARY_H
#define SOCKUTIL_HTTP_HTTP2_LIBRARY_H
/* libnghttp2 as it is loaded: what of it is called. */
#include <nghttp2/nghttp2.h>
#include <stdbool.h>

#include <sockutil/base/failure.h>

/* CALL(name) for nghttp2_name. */
#define HTTP2_CALLS(CALL)                                                                          \
	CALL(session_callbacks_new)                                                                \
	CALL(session_callbacks_del)                                                                \
	CALL(session_callbacks_set_on_begin_frame_callback)                                        \
	CALL(session_callbacks_set_on_begin_headers_callback)                                      \
	CALL(session_callbacks_set_on_header_callback)                                             \
	CALL(session_callbacks_set_on_invalid_header_callback)                                     \
	CALL(session_callbacks_set_on_frame_recv_callback)                                         \
	CALL(session_callbacks_set_on_invalid_frame_recv_callback)                                 \
	CALL(session_callbacks_set_on_data_chunk_recv_callback)                                    \
	CALL(session_callbacks_set_on_frame_send_callback)                                         \
	CALL(session_callbacks_set_on_frame_not_send_callback)                                     \
	CALL(session_callbacks_set_on_stream_close_callback)                                       \
	CALL(session_callbacks_set_send_data_callback)                                             \
	CALL(option_new)                                                                           \
	CALL(option_del)                                                                           \
	CALL(option_set_no_auto_window_update)                                                     \
	CALL(option_set_no_closed_streams)                                                         \
	CALL(session_client_new2)                                                                  \
	CALL(session_server_new2)                                                                  \
	CALL(session_del)                                                                          \
	CALL(session_mem_recv)                                                                     \
	CALL(session_mem_send)                                                                     \
	CALL(session_want_read)                                                                    \
	CALL(session_want_write)                                                                   \
	CALL(session_resume_data)                                                                  \
	CALL(session_consume_connection)                                                           \
	CALL(session_consume_stream)                                                               \
	CALL(session_set_local_window_size)                                                        \
	CALL(session_get_remote_settings)                                                          \
	CALL(session_check_request_allowed)                                                        \
	CALL(session_get_last_proc_stream_id)                                                      \
	CALL(session_get_stream_user_data)                                                         \
	CALL(session_set_stream_user_data)                                                         \
	CALL(session_terminate_session)                                                            \
	CALL(submit_settings)                                                                      \
	CALL(submit_request)                                                                       \
	CALL(submit_response)                                                                      \
	CALL(submit_headers)                                                                       \
	CALL(submit_goaway)                                                                        \
	CALL(submit_rst_stream)                                                                    \
	CALL(strerror)                                                                             \
	CALL(http2_strerror)

struct http2_library {
#define CALL(name) __typeof__(&nghttp2_##name) name;
	HTTP2_CALLS(CALL)
#undef CALL
};

/* Filled by http2_available(). */
extern struct http2_library http2_library;
#endif
