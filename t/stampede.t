#!/usr/bin/perl

# Many readers at once, and nothing is stored: one fetches the page, the
# others wait for it, and are woken the moment it is there.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use List::Util qw(max);
use Test::More;
use Test::Editorial;
use Time::HiRes qw(sleep time);

my $t = Test::Editorial->new(workers => 2);
my $page = article(n => 100);
my $long = article(n => 4000);
my $private = 'Cache-Control: private';

sub slowly {
    my (%page) = @_;

    return sub {
        sleep 0.2;
        $t->send_page($_[0], \%page);
    };
}

$t->origin(
    '/page' => slowly(body => $page),
    '/tail' => { chunks => [ substr($page, 0, -100), \0.2,
                             substr($page, -100) ] },
    '/cookie' => slowly(body => $page, headers => ['Set-Cookie: a=1']),
    '/private' => slowly(body => $page, headers => [$private]),
    '/no-store' => slowly(body => $page,
                          headers => ['Cache-Control: no-store']),
    '/vary' => slowly(body => $page, headers => ['Vary: Cookie']),
    '/failed' => slowly(body => 'no', status => '503 Sorry'),
    '/missing' => slowly(body => 'no', status => '404 Not Found'),
    '/cut' => slowly(body => $page, cut => 1),
    '/image' => slowly(body => 'GIF', type => 'image/gif'),
    '/never' => sub { sleep 10 },
    '/long' => { body => $long },
    '/alone' => { body => $long },
    '/steady' => { body => $long });

$t->run(<<'END');
editorial_zone pages:4m;

server {
    listen %%PORT%% sndbuf=16k;

    editorial on;
    editorial_opinion 1;
    editorial_cache on;
    editorial_max_size 100k;

    location / {
        proxy_pass http://%%ORIGIN%%;
        add_header X-Status $editorial_status always;
    }

    location /impatient/ {
        editorial_cache_lock_timeout 300ms;
        proxy_pass http://%%ORIGIN%%/;
        proxy_read_timeout 2s;
        add_header X-Status $editorial_status always;
    }

    location /alone {
        editorial_max_size 10m;
        proxy_pass http://%%ORIGIN%%;
    }

    location /steady {
        editorial_max_size 10m;
        proxy_buffering off;
        proxy_pass http://%%ORIGIN%%;
        add_header X-Status $editorial_status always;
    }

    location /large {
        editorial_max_size 10m;
        proxy_pass http://%%ORIGIN%%/long;
        add_header X-Status $editorial_status always;
    }
}
END

for my $path ('/page', '/tail') {
    my @r = $t->parallel(32, $path);
    my $slowest = max map { $_->{took} } @r;

    is($t->asked($path), 1, "$path: 32 at once, one request to the origin");
    is(scalar(grep { stripped($_->{body}) eq $page } @r), 32,
       '... all get the page');
    is(scalar(grep { $_->{headers}{'x-status'} eq 'MISS' } @r), 1,
       '... one of them fetched it');
    cmp_ok($slowest, '<', 0.2 * 1.1 + 0.1,
           '... the slowest waited little longer than the origin took');
    diag sprintf '%s: slowest %.0f ms', $path, $slowest * 1000;
}

for my $path ('/cookie', '/private', '/no-store', '/vary', '/failed',
              '/missing', '/cut', '/image')
{
    $t->get($path);

    my $began = time;
    my @r = $t->parallel(32, $path);
    my $slowest = max map { $_->{took} } @r;

    is($t->asked($path), 33, "$path: all go to the origin");
    cmp_ok($slowest, '<', 1, '... together');
    is(scalar(grep { $_->{headers}{'x-status'} eq 'MISS' } @r), 32,
       '... none is a hit');
}

# not storable is found out while others wait: they go on at once

my @r = $t->parallel(8, '/private?first');
cmp_ok(max(map { $_->{took} } @r), '<', 0.8,
       'who waits for a page that turns out private does not wait long');

@r = $t->parallel(4, '/impatient/never');
my @waited = sort { $a <=> $b } map { $_->{took} } @r;
is($t->asked('/never'), 4, 'a wait that lasts too long ends at the origin');

# the first reader reads slowly, the others do not wait for him

my $slow = $t->connection(rcvbuf => 2048);
syswrite $slow, "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n";
sleep 0.1;

@r = $t->parallel(8, '/large');
my $slowest = max map { $_->{took} } @r;

is(scalar(grep { stripped($_->{body}) eq $long } @r), 8,
   'a slow first reader: the others get the page');
cmp_ok($slowest, '<', 1.5, '... soon');
cmp_ok($t->asked('/long'), '<=', 2, '... by one more request');
diag sprintf 'slow first reader: slowest %.0f ms', $slowest * 1000;
close $slow;

# … nor for one who reads slowly, but steadily

my $steady = fork;

if ($steady == 0) {
    $t->raw("GET /steady HTTP/1.1\r\nHost: localhost\r\n"
            . "Connection: close\r\n\r\n",
            rcvbuf => 4096, bytes => 8192, pause => 0.05);
    require POSIX;
    POSIX::_exit(0);
}

sleep 0.3;
@r = $t->parallel(4, '/steady');
cmp_ok(max(map { $_->{took} } @r), '<', 2.5,
       'a steady slow reader: the others get the page soon');
is($t->asked('/steady'), 2, '... by one more request');
kill 'KILL', $steady;
waitpid $steady, 0;

# where nobody waits, nobody else is asked

$slow = $t->connection(rcvbuf => 2048);
syswrite $slow, "GET /alone HTTP/1.1\r\nHost: localhost\r\n\r\n";
sleep 0.8;
is($t->asked('/alone'), 1, 'a slow reader alone: one request');
close $slow;

$t->allow(qr/upstream timed out|prematurely closed/);
$t->done;
