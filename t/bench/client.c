
/*
 * See client.h.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "client.h"


static int open_one(const char *name);
static void put_number(client_t *client);
static uint64_t now(clockid_t clock);


void
client_fail(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, why);
    exit(1);
}


void
client_open(client_t *client, const char *name)
{
    unsigned            i;
    struct epoll_event  event;

    if (client->connections == 0
        || client->connections > CLIENT_CONNECTIONS)
    {
        client_fail("connections", "1 to 1024");
    }

    client->epoll = epoll_create1(0);
    client->request[client->len] = '\0';
    client->number = strstr(client->request, CLIENT_NUMBER);
    client->next = now(CLOCK_REALTIME);

    for (i = 0; i < client->connections; i++) {
        client->fds[i] = open_one(name);

        event.events = EPOLLIN;
        event.data.u32 = i;

        if (epoll_ctl(client->epoll, EPOLL_CTL_ADD, client->fds[i], &event)
            != 0)
        {
            client_fail("epoll", strerror(errno));
        }
    }
}


static int
open_one(const char *name)
{
    int                 fd;
    struct sockaddr_un  sun;

    memset(&sun, 0, sizeof(sun));
    sun.sun_family = AF_UNIX;

    if (strlen(name) >= sizeof(sun.sun_path)) {
        client_fail(name, "too long");
    }

    strcpy(sun.sun_path, name);

    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd == -1
        || connect(fd, (struct sockaddr *) &sun, sizeof(sun)) != 0)
    {
        client_fail(name, strerror(errno));
    }

    return fd;
}


/* A request is small: the socket has room for it. */

void
client_ask(client_t *client, unsigned i)
{
    if (client->number != NULL) {
        put_number(client);
    }

    client->asked[i] = now(CLOCK_MONOTONIC);

    if (send(client->fds[i], client->request, client->len, MSG_NOSIGNAL)
        != (ssize_t) client->len)
    {
        client_fail("send", strerror(errno));
    }

    client->sent++;
}


/* Time goes on faster than requests are made. */

static void
put_number(client_t *client)
{
    char  digits[sizeof(CLIENT_NUMBER)];

    snprintf(digits, sizeof(digits), "%016llx",
             (unsigned long long) client->next++);
    memcpy(client->number, digits, sizeof(CLIENT_NUMBER) - 1);
}


static uint64_t
now(clockid_t clock)
{
    struct timespec  time;

    clock_gettime(clock, &time);

    return (uint64_t) time.tv_sec * 1000000000 + (uint64_t) time.tv_nsec;
}


size_t
client_read(client_t *client, unsigned i, char *buffer, size_t size)
{
    ssize_t  n;

    n = recv(client->fds[i], buffer, size, MSG_DONTWAIT);

    if (n == -1 && (errno == EAGAIN || errno == EINTR)) {
        return 0;
    }

    if (n <= 0) {
        client_fail("read", n == 0 ? "closed too early" : strerror(errno));
    }

    return (size_t) n;
}


void
client_done(client_t *client, unsigned i)
{
    client->done++;
    client->slow += now(CLOCK_MONOTONIC) - client->asked[i] >= CLIENT_SLOW;

    if (client->sent < client->requests) {
        client_ask(client, i);
    }
}


void
client_run(client_t *client, client_receive_pt receive, void *data)
{
    int                  i, n;
    unsigned             k;
    uint64_t             start;
    struct epoll_event   events[CLIENT_CONNECTIONS];

    start = now(CLOCK_MONOTONIC);

    for (k = 0; k < client->connections && client->sent < client->requests;
         k++)
    {
        client_ask(client, k);
    }

    while (client->done < client->requests) {
        n = epoll_wait(client->epoll, events, CLIENT_CONNECTIONS, 20000);

        if (n == 0 || (n == -1 && errno != EINTR)) {
            client_fail("epoll", n == 0 ? "nothing for 20 s"
                                        : strerror(errno));
        }

        for (i = 0; i < n; i++) {
            receive(data, events[i].data.u32);
        }
    }

    printf("%llu %llu\n", (unsigned long long) (now(CLOCK_MONOTONIC) - start),
           (unsigned long long) client->slow);
}
