// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An HTTP/1.1 server in the event loop. libmicrohttpd does the work: its epoll descriptor is
 * a watch of the loop, its time-out a timer. What it does not bound is how long a request
 * takes of which a byte comes now and then; connections that are late are shut down here.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "http_server.h"
#include "options.h"
#include "report.h"

#define MS_PER_SECOND	1000U

/* Memory of a connection: the longest token fits. */
#define CONNECTION_BYTES ((size_t)32768)

#define LOG_BYTES	256

/* What tokens are sent over, in GnuTLS's words. */
#define TLS_PRIORITIES	"NORMAL:-VERS-TLS1.0:-VERS-TLS1.1"

/**
 * struct connection - a connection, as long as it has a request to send
 * @others: Those that have waited longer, and less long.
 * @fd: Its socket, which is libmicrohttpd's.
 * @since: When it was opened, or its last answer sent, by loop_now().
 * @is_late: It is shut down, and not among @others any more.
 */
struct connection {
	TAILQ_ENTRY(connection) others;
	int fd;
	uint64_t since;
	bool is_late;
};

/**
 * struct http_server - a server
 * @loop: The loop.
 * @listen: Where it listens.
 * @fd: A descriptor of the socket that listens; libmicrohttpd has another one.
 * @answer: Answers requests.
 * @data: For @answer.
 * @daemon: libmicrohttpd's server.
 * @watch: Of its epoll descriptor.
 * @timer: Fires when it has something to do of its own.
 * @connections: Those that have a request to send, the one that waits longest first.
 * @deadline: Fires when the first of them may be late.
 * @has_closed: A connection was closed since libmicrohttpd began to run.
 * @log: What libmicrohttpd complained about last.
 */
struct http_server {
	struct loop *loop;
	struct address listen;
	int fd;
	void (*answer)(void *data, const struct http_request *request,
		       struct http_answer *answer);
	void *data;
	struct MHD_Daemon *daemon;
	struct loop_watch watch;
	struct loop_timer timer;
	TAILQ_HEAD(connections, connection) connections;
	struct loop_timer deadline;
	bool has_closed;
	char log[LOG_BYTES];
};

/**
 * struct upload - a request that is coming
 * @size: How many bytes have come.
 * @is_too_long: They were too many.
 * @body: They.
 */
struct upload {
	size_t size;
	bool is_too_long;
	uint8_t body[HTTP_BODY_MAX];
};

static void take_log(void *data, const char *format, va_list arguments)
{
	struct http_server *server = data;

	vsnprintf(server->log, sizeof(server->log), format, arguments);
	server->log[strcspn(server->log, "\n")] = '\0';
}

/* Whether a request says at once that it is going to be too long. */
static bool announces_too_much(struct MHD_Connection *connection)
{
	const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
							 MHD_HTTP_HEADER_CONTENT_LENGTH);
	uint32_t number;

	return length && !options_scan(length, 10, HTTP_BODY_MAX, &number);
}

static enum MHD_Result send_answer(struct MHD_Connection *connection,
				   const struct http_answer *answer)
{
	struct MHD_Response *response;
	enum MHD_Result result = MHD_NO;

	response = MHD_create_response_from_buffer(answer->size, (void *)answer->body,
						   MHD_RESPMEM_MUST_COPY);
	if (!response)
		return MHD_NO;
	if (MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
				    answer->content_type) == MHD_YES &&
	    (!answer->header ||
	     MHD_add_response_header(response, answer->header, answer->value) == MHD_YES))
		result = MHD_queue_response(connection, answer->status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result respond(struct http_server *server,
			       struct MHD_Connection *connection, const char *path,
			       const char *method, const struct upload *upload)
{
	const struct http_request request = {
		.method = method,
		.path = path,
		.content_type = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
							    MHD_HTTP_HEADER_CONTENT_TYPE),
		.authorization = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
							     MHD_HTTP_HEADER_AUTHORIZATION),
		.body = upload->body,
		.size = upload->size,
		.is_too_long = upload->is_too_long,
	};
	struct http_answer answer = { .status = 0 };

	server->answer(server->data, &request, &answer);
	return send_answer(connection, &answer);
}

/* Called when the headers are there, with each piece of the body, and at its end. */
static enum MHD_Result take(void *data, struct MHD_Connection *connection,
			    const char *path, const char *method, const char *version,
			    const char *piece, size_t *size, void **context)
{
	struct upload *upload = *context;

	(void)version;
	if (!upload) {
		upload = calloc(1, sizeof(*upload));
		if (!upload)
			return MHD_NO;
		*context = upload;
		upload->is_too_long = announces_too_much(connection);
		return upload->is_too_long ?
			       respond(data, connection, path, method, upload) : MHD_YES;
	}
	if (!*size)
		return respond(data, connection, path, method, upload);
	if (*size > HTTP_BODY_MAX - upload->size)
		upload->is_too_long = true;
	if (!upload->is_too_long) {
		memcpy(upload->body + upload->size, piece, *size);
		upload->size += *size;
	}
	*size = 0;
	return MHD_YES;
}

/* Has the deadline fire when the connection that waits longest is late. */
static void set_deadline(struct http_server *server)
{
	const struct connection *first = TAILQ_FIRST(&server->connections);
	uint64_t now = loop_now();

	if (first && !loop_timer_is_set(server->loop, &server->deadline))
		loop_timer_set(server->loop, &server->deadline,
			       first->since + HTTP_TIMEOUT > now ?
				       first->since + HTTP_TIMEOUT - now : 0);
}

static void wait_for_request(struct http_server *server, struct connection *connection)
{
	connection->since = loop_now();
	TAILQ_INSERT_TAIL(&server->connections, connection, others);
	set_deadline(server);
}

/* libmicrohttpd finds it closed, and closes it itself. */
static void shut_late(struct loop_timer *timer)
{
	struct http_server *server = timer->data;
	uint64_t now = loop_now();
	struct connection *first;

	while ((first = TAILQ_FIRST(&server->connections)) &&
	       first->since + HTTP_TIMEOUT <= now) {
		TAILQ_REMOVE(&server->connections, first, others);
		first->is_late = true;
		shutdown(first->fd, SHUT_RDWR);
	}
	set_deadline(server);
}

static void take_connection(void *data, struct MHD_Connection *handle, void **context,
			    enum MHD_ConnectionNotificationCode code)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct connection *connection = *context;
	struct http_server *server = data;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		server->has_closed = true;
		if (connection && !connection->is_late)
			TAILQ_REMOVE(&server->connections, connection, others);
		free(connection);
		*context = NULL;
		return;
	}
	connection = info ? calloc(1, sizeof(*connection)) : NULL;
	*context = connection;
	/* Without memory for this one, idleness alone ends the connection. */
	if (!connection)
		return;
	connection->fd = info->connect_fd;
	wait_for_request(server, connection);
}

/* A request is over: its connection has time again for another one. */
static void complete(void *data, struct MHD_Connection *handle, void **context,
		     enum MHD_RequestTerminationCode code)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(handle, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct connection *connection = info ? info->socket_context : NULL;
	struct http_server *server = data;

	(void)code;
	free(*context);
	*context = NULL;
	if (!connection || connection->is_late)
		return;
	TAILQ_REMOVE(&server->connections, connection, others);
	wait_for_request(server, connection);
}

static void run(struct http_server *server)
{
	MHD_UNSIGNED_LONG_LONG delay;

	server->has_closed = false;
	MHD_run(server->daemon);
	/*
	 * With as many connections as there may be it does not listen, and begins again when it
	 * runs the next time; it has no time-out for that, and its descriptor keeps silent.
	 */
	if (server->has_closed)
		loop_timer_set(server->loop, &server->timer, 0);
	else if (MHD_get_timeout(server->daemon, &delay) == MHD_YES)
		loop_timer_set(server->loop, &server->timer, delay);
	else
		loop_timer_cancel(server->loop, &server->timer);
}

static void run_by_watch(struct loop_watch *watch)
{
	run(watch->data);
}

static void run_by_timer(struct loop_timer *timer)
{
	run(timer->data);
}

static bool is_same_address(const struct address *one, const struct address *other)
{
	char text[ADDRESS_TEXT_SIZE], other_text[ADDRESS_TEXT_SIZE];

	return !strcmp(address_write(one, text), address_write(other, other_text));
}

static int listen_at(const struct address *address)
{
	static const int on = 1, off;
	struct sockaddr_storage name;
	socklen_t length = address_to_socket(address, &name);
	int fd = socket(address->family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (address->family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (!bind(fd, (const struct sockaddr *)&name, length) && !listen(fd, SOMAXCONN))
		return fd;
	close(fd);
	return -1;
}

/* A socket that listens, that of the old server where it does so at the same address. */
static enum status open_socket(struct http_server *server, const struct http_server *old)
{
	char text[ADDRESS_TEXT_SIZE];

	if (old && is_same_address(&old->listen, &server->listen))
		server->fd = fcntl(old->fd, F_DUPFD_CLOEXEC, 0);
	else
		server->fd = listen_at(&server->listen);
	if (server->fd >= 0)
		return STATUS_OK;
	return report(errno == EACCES || errno == EPERM ? STATUS_DENIED : STATUS_FAILED,
		      "cannot listen at %s: %s", address_write(&server->listen, text),
		      strerror(errno));
}

/* Where libmicrohttpd fails, it depends on the reason whether it has closed the socket. */
static void close_if_open(int fd)
{
	socklen_t length = sizeof(int);
	int listens;

	if (!getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) && listens)
		close(fd);
}

/* Of a key that is encrypted nobody is asked for the words. */
static int no_words(char *words, int size, int writes, void *data)
{
	(void)words;
	(void)size;
	(void)writes;
	(void)data;
	return -1;
}

/* Whether a key is another certificate's. GnuTLS does not see that of keys of Ed25519. */
static bool is_of_another(const char *certificate_text, const char *key_text)
{
	BIO *certificate_bio = BIO_new_mem_buf(certificate_text, -1);
	BIO *key_bio = BIO_new_mem_buf(key_text, -1);
	X509 *certificate = certificate_bio ?
		PEM_read_bio_X509(certificate_bio, NULL, NULL, NULL) : NULL;
	EVP_PKEY *key = key_bio ?
		PEM_read_bio_PrivateKey(key_bio, NULL, no_words, NULL) : NULL;
	/* What cannot be read here is left to GnuTLS. */
	bool differ = certificate && key && X509_check_private_key(certificate, key) != 1;

	EVP_PKEY_free(key);
	X509_free(certificate);
	BIO_free(key_bio);
	BIO_free(certificate_bio);
	return differ;
}

static enum status start_daemon(struct http_server *server,
				const struct http_server_settings *settings)
{
	unsigned int of_one = address_is_loopback(&server->listen) ?
				      HTTP_CONNECTIONS : HTTP_CONNECTIONS_OF_ONE;
	unsigned int flags = MHD_USE_EPOLL | MHD_USE_ERROR_LOG;
	const union MHD_DaemonInfo *info = NULL;
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)settings->certificate },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)settings->key },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)TLS_PRIORITIES },
		{ MHD_OPTION_END, 0, NULL },
	};
	int fd;

	if (settings->certificate && is_of_another(settings->certificate, settings->key))
		return report(STATUS_FAILED, "cannot serve with that certificate and key: they do not match");
	/* libmicrohttpd closes the socket that it gets. */
	fd = fcntl(server->fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return report(STATUS_FAILED, "cannot serve: %s", strerror(errno));
	if (settings->certificate)
		flags |= MHD_USE_TLS;
	else
		tls[0] = tls[3];
	server->daemon = MHD_start_daemon(flags, 0, NULL, NULL, take, server,
					  MHD_OPTION_EXTERNAL_LOGGER, take_log, server,
					  MHD_OPTION_LISTEN_SOCKET, fd,
					  MHD_OPTION_CONNECTION_LIMIT, HTTP_CONNECTIONS,
					  MHD_OPTION_PER_IP_CONNECTION_LIMIT, of_one,
					  MHD_OPTION_CONNECTION_TIMEOUT,
					  HTTP_TIMEOUT / MS_PER_SECOND,
					  MHD_OPTION_CONNECTION_MEMORY_LIMIT,
					  CONNECTION_BYTES,
					  MHD_OPTION_NOTIFY_CONNECTION, take_connection, server,
					  MHD_OPTION_NOTIFY_COMPLETED, complete, server,
					  MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
	if (server->daemon)
		info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	else
		close_if_open(fd);
	if (!info)
		return report(STATUS_FAILED, "cannot serve%s: %s",
			      settings->certificate ? " with that certificate and key" : "",
			      *server->log ? server->log : strerror(errno));
	server->watch.fd = info->epoll_fd;
	return STATUS_OK;
}

enum status http_server_begin(struct loop *loop,
			      const struct http_server_settings *settings,
			      const struct http_server *old, struct http_server **server)
{
	struct http_server *new = calloc(1, sizeof(*new));
	enum status status;

	*server = NULL;
	if (!new)
		return report(STATUS_FAILED, "no memory");
	new->loop = loop;
	new->listen = *settings->listen;
	new->answer = settings->answer;
	new->data = settings->data;
	new->watch = (struct loop_watch){ .ready = run_by_watch, .data = new };
	new->timer = (struct loop_timer){ .fire = run_by_timer, .data = new };
	new->deadline = (struct loop_timer){ .fire = shut_late, .data = new };
	TAILQ_INIT(&new->connections);
	status = open_socket(new, old);
	if (status == STATUS_OK)
		status = start_daemon(new, settings);
	if (status != STATUS_OK) {
		http_server_end(new);
		return status;
	}
	loop_watch(loop, &new->watch);
	*server = new;
	return STATUS_OK;
}

void http_server_end(struct http_server *server)
{
	if (!server)
		return;
	loop_unwatch(server->loop, &server->watch);
	if (server->daemon)
		MHD_stop_daemon(server->daemon);
	loop_timer_cancel(server->loop, &server->timer);
	loop_timer_cancel(server->loop, &server->deadline);
	if (server->fd >= 0)
		close(server->fd);
	free(server);
}
