#!/usr/bin/perl

# The request by which a stale page is refreshed: wherever the page comes
# from, it is the reader's request without what is the reader's alone; and it
# outlives the reader, whose connection it leaves free.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;
use Time::HiRes qw(sleep time);

use constant {
    SLOW => 0.8,                         # seconds that the slow page takes
    WAIT => 10,                          # … that anything may take
};

my $t = Test::Editorial->new;
my $dir = $t->dir;
my $page = article(n => 100);

# Every page has the version that stands in a file.

spew("$dir/now", 'v1');
spew("$dir/cgi", '');
spew("$dir/html/$_", "$page<!-- v1 -->") for 'file.html', 'aio.html';

sub current { return slurp("$dir/now") }
sub whole { return "$page<!-- " . current() . ' -->' }

sub versioned {
    my (%page) = @_;

    return sub {
        my ($c) = @_;

        sleep SLOW if $page{slow} && current() ne 'v1';

        return if $page{gone} && current() ne 'v1';

        $t->send_page($c, { %page, exists $page{body} ? () : (body => whole()),
                            current() ne 'v1' && $page{fails}
                                ? (status => '500 Broken') : () });
    };
}

$t->origin(
    (map { $_ => versioned() } qw(/plain /from/regex /from/name /set /named
                                  /error /tls /h2 /leaves /a%2Fb /ssi /mapped
                                  /refused)),
    (map { $_ => versioned(slow => 1) } qw(/slow /stays /reload /last)),
    '/chunks' => versioned(size => 500),
    '/sent' => versioned(headers => ['X-Accel-Redirect: /file.html'],
                         body => ''),
    '/fails' => versioned(fails => 1),
    '/gone' => versioned(gone => 1));

# The least of FastCGI: what comes up to the end of its input is kept.

my $cgi = $t->serve(sub {
    my ($c) = @_;
    my $in = '';

    until ($in =~ /\x01\x05\x00\x01\x00\x00..\z/s) {
        sysread $c, $in, 65536, length $in or return;
    }

    open my $log, '>>', "$dir/cgi" or return;
    syswrite $log, "$in\n----\n";

    my $out = "Content-Type: text/html\r\n\r\n" . whole();

    Test::Editorial::put($c, join '', map {
        pack('CCnnCC', 1, $_->[0], 1, length $_->[1], 0, 0) . $_->[1]
    } [6, $out], [6, ''], [3, "\0" x 8]);
});

system("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
       . " -keyout $dir/key.pem -out $dir/cert.pem > $dir/openssl.log 2>&1")
    == 0 or die slurp("$dir/openssl.log");

$t->start_origin;
$t->start_nginx(<<"END", main => 'thread_pool default threads=2;');
editorial_zone pages:8m;

# not of the reader's cookie: of what the configuration made of it
map \$http_x_group \$group {
    default   none;
    editors   staff;
}

server {
    listen %%PORT%%;
    server_name paper.example;

    editorial on;
    editorial_opinion 1;
    editorial_cache on;
    editorial_cache_valid 2s;
    editorial_cache_stale 1m;

    add_header X-Status \$editorial_status always;

    lingering_close always;
    reset_timedout_connection on;

    proxy_set_header Host \$host:\$server_port;
    proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for;
    proxy_set_header X-Saw "\$scheme \$request_method \$remote_addr \$remote_user|\$http_cookie|\$request_uri";

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location ~ ^/match/(.*)\$ {
        proxy_pass http://%%ORIGIN%%/from/\$1;
    }

    location ~ ^/match-name/(?<what>.*)\$ {
        proxy_pass http://%%ORIGIN%%/from/\$what;
    }

    location = /set {
        set \$said "\$uri-\$arg_q";
        proxy_set_header X-Said \$said;
        proxy_pass http://%%ORIGIN%%;
    }

    location = /mapped {
        if (\$group = other) {
            return 403;
        }

        proxy_set_header X-Group \$group;
        proxy_pass http://%%ORIGIN%%\$request_uri;
    }

    location = /named {
        try_files /nothing \@cms;
    }

    location = /error {
        root $dir/nothing;
        log_not_found off;
        error_page 404 = \@cms;
    }

    location \@cms {
        proxy_pass http://%%ORIGIN%%;
    }

    location = /ssi {
        ssi on;
        mirror /mirrored;
        proxy_pass http://%%ORIGIN%%;
    }

    location = /mirrored {
        internal;
        return 204;
    }

    location = /refused {
        proxy_pass http://%%ORIGIN%%;

        if (-f $dir/refuse) {
            proxy_pass http://127.0.0.1:1;
        }
    }

    location = /file.html {
    }

    location = /aio.html {
        aio threads;
        sendfile on;
        output_buffers 1 4k;
    }

    location = /cgi {
        fastcgi_param REQUEST_URI \$request_uri;
        fastcgi_param REQUEST_METHOD \$request_method;
        fastcgi_param REMOTE_ADDR \$remote_addr;
        fastcgi_param SERVER_PORT \$server_port;
        fastcgi_pass 127.0.0.1:$cgi;
    }

    location /over/ {
        editorial off;
        add_header X-Over 1;
        proxy_set_header Host \$http_host;
        proxy_pass https://%%PORT1%%/;
        proxy_ssl_server_name on;
        proxy_ssl_name tls.example;
    }

    location = /status {
        editorial off;
        stub_status;
    }
}

server {
    listen %%PORT1%% ssl;
    listen %%PORT2%% http2;

    ssl_certificate $dir/cert.pem;
    ssl_certificate_key $dir/key.pem;
    ssl_early_data on;

    editorial on;
    editorial_cache on;
    editorial_cache_valid 2s;
    editorial_cache_stale 1m;

    add_header X-Status \$editorial_status always;

    proxy_set_header X-Saw "\$scheme \$https \$ssl_server_name|\$ssl_early_data|\$ssl_client_verify|\$http2";

    location / {
        proxy_pass http://%%ORIGIN%%;
    }
}
END

sub status { return $_[0]->{headers}{'x-status'} || '' }
sub version { return $_[0]->{body} =~ /<!-- (\w+) -->/ ? $1 : 'none' }

# Is it so, or will it be soon?

sub soon {
    my ($so) = @_;

    for my $try (1 .. WAIT / 0.02) {
        return 1 if $so->();
        sleep 0.02;
    }

    return 0;
}

sub asked_soon {
    my ($path, $times) = @_;

    return soon(sub { $t->asked($path) >= $times });
}

sub asked_last {
    my ($path) = @_;

    return (grep { m{^\S+ \Q$path\E[ ?]} } $t->requests)[-1];
}

# Which page, how a reader asks for it, and where the origin sees it; undef:
# not there.

my @pages = (
    ['/plain', '/plain'],
    ['/chunks', '/chunks'],
    ['/match/regex', '/from/regex'],
    ['/match-name/name', '/from/name'],
    ['/set?q=1&utm_source=x', '/set?q=1'],
    ['/mapped?utm_source=x', '/mapped'],
    ['/named', '/named'],
    ['/error', '/error'],
    ['/a%2Fb', '/a%2Fb'],
    ['/ssi', '/ssi'],
    ['/sent', '/sent'],
    ['/file.html', undef],
    ['/aio.html', undef],
    ['/cgi', undef],
    ['/over/tls', '/tls'],
);

# What is one reader's, or asks for anything but the page; what is not.

my @own = ('Cookie: secret=1', 'Range: bytes=0-9', 'If-None-Match: "mine"',
           'If-Modified-Since: Wed, 01 Jan 2020 00:00:00 GMT',
           'Proxy-Authorization: Basic secret', 'TE: trailers',
           'Content-Length: 0');

my @shared = ('Host: paper.example', 'X-Forwarded-For: 192.0.2.1',
              'X-Forwarded-For: 192.0.2.2', 'X-Group: editors',
              'User-Agent: reader');

my @others = qw(/slow /stays /leaves /reload /last /fails /gone /refused);
my ($nghttp) = grep { -x } map { "$_/nghttp" } split /:/, $ENV{PATH};
my $h2 = 'http://127.0.0.1:' . $t->port(2) . '/h2';

$t->get($_->[0], @shared) for @pages;
$t->get($_) for @others;
nghttp($h2) if $nghttp;

# The page by HTTP/2, as it is printed.

sub nghttp {
    my (@words) = @_;

    return scalar `$nghttp -t 10 @words 2>&1`;
}

sleep 3.2;

spew("$dir/now", 'v2');
spew("$dir/refuse", '');
spew("$dir/html/$_", "$page<!-- v2 -->") for 'file.html', 'aio.html';

my $asked = $t->requests;

# Each is stale, at once, and is refreshed by one request.

for (@pages) {
    my ($path, $origin) = @$_;

    my $r = $t->get($path, @own, @shared);

    is(status($r), 'STALE', "$path: stale");
    ok(soon(sub { version($t->get($path, @shared)) eq 'v2' }),
       '... and refreshed');

    $r = $t->get($path, @shared);

    is(status($r), 'HIT', '... fresh');
    ok(index($r->{body}, '</html>') > 0, '... whole');

    next unless defined $origin;

    my ($where) = $origin =~ /^([^?]+)/;
    my $request = asked_last($where);

    is(scalar(grep { m{^\S+ \Q$where\E[ ?]} } $t->requests), 2,
       '... by one request');
    like($request, qr{^GET \Q$origin\E HTTP}, '... for the page');
    unlike($request, qr/^(?:Cookie|Authorization|Proxy-Authorization|Range|TE
                          |Content-Length|Transfer-Encoding):/mix,
           '... with nothing of the reader');
    unlike($request, qr/secret|mine|01 Jan 2020/, '... nowhere');
    like($request, qr/^User-Agent: reader\r$/m, '... and all the rest');
}

my $port = $t->port;
my $request = asked_last('/plain');

like($request, qr/^Host: paper\.example:$port\r$/m, 'Host');
like($request, qr/^X-Forwarded-For:\ 192\.0\.2\.1,\ 192\.0\.2\.2,
                  \ 127\.0\.0\.1\r$/mx, 'X-Forwarded-For');
like($request, qr{^X-Saw: http GET 127\.0\.0\.1 \|\|/plain\r$}m, 'variables');
like(asked_last('/set'), qr{^X-Said: /set-1\r$}m, 'a variable that was set');
like(asked_last('/mapped'), qr{^X-Group: staff\r$}m, 'one that was mapped');
like(asked_last('/tls'), qr{^X-Saw: https on tls\.example\|\|NONE\|\r$}m,
     'TLS: the scheme, the server\'s name, no early data');

my @seen = split /\n----\n/, slurp("$dir/cgi");

is(scalar @seen, 2, 'FastCGI: one request');
unlike($seen[-1], qr/COOKIE|HTTP_RANGE|HTTP_IF|secret/,
       '... with nothing of the reader');
like($seen[-1], qr/HTTP_USER_AGENTreader/, '... and all the rest');
like($seen[-1], qr/REMOTE_ADDR127\.0\.0\.1/, '... his address');

SKIP: {
    skip('nghttp (Debian: nghttp2-client) is not there', 3) unless $nghttp;

    like(nghttp('-H "cookie: secret=1"', $h2), qr/<!-- v1 -->/,
         'HTTP/2: stale');
    ok(soon(sub { nghttp($h2) =~ /<!-- v2 -->/ }), '... and refreshed');
    unlike(asked_last('/h2'), qr/secret/, '... with nothing of the reader');
}

# The reader leaves, or asks for more, while the origin takes its time.

my $c = $t->connection;

Test::Editorial::put($c, "GET /leaves HTTP/1.1\r\nHost: localhost\r\n\r\n");
close $c;

$c = $t->connection;
Test::Editorial::put($c, "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
sysread $c, my $bytes, 1;
setsockopt $c, Socket::SOL_SOCKET(), Socket::SO_LINGER(), pack('ii', 1, 0);
close $c;

my $began = time;
my @r = $t->raw("GET /stays HTTP/1.1\r\nHost: localhost\r\n\r\n"
                . "GET /plain HTTP/1.1\r\nHost: localhost\r\n"
                . "Connection: close\r\n\r\n");

is(status($r[0]), 'STALE', 'on one connection: a stale page');
ok($r[1]{whole}, '... and another page');
cmp_ok(time - $began, '<', SLOW, '... which did not wait for the refresh');

ok(asked_soon('/leaves', 2), 'the reader leaves at once');

for my $path ('/slow', '/stays') {
    ok(soon(sub { version($t->get($path)) eq 'v2' }),
       "$path: refreshed all the same");
    is($t->asked($path), 2, '... by one request');
}

# A refresh that fails leaves the stale page.

for my $path ('/fails', '/gone', '/refused') {
    is(status($t->get($path)), 'STALE', "$path: stale");
}

ok(asked_soon($_, 2), "$_: the origin was asked") for '/fails', '/gone';

for my $path ('/fails', '/gone', '/refused') {
    my $r;

    ok(soon(sub { $r = $t->get($path); status($r) eq 'STALE' }),
       "$path: stale again");
    is($r->{status}, 200, '... and still there');
    is(version($r), 'v1', '... the stale page');
}

like($t->log, qr{connect\(\)\ failed\ .*\ while\ connecting\ to\ upstream
                 \ while\ refreshing\ "/refused",\ client:\ 127\.0\.0\.1}x,
     'the log says what was refreshed');

# Nothing is left of them, and the log of accesses has the readers' alone.

ok(soon(sub { $t->get('/status')->{body} =~ /^Active connections: 1 /m }),
   'no connection is left');

# A worker that is to end lets a refresh end first.

$t->get('/reload');
$t->reload;
ok(asked_soon('/reload', 2), 'a refresh');
ok(soon(sub { version($t->get('/reload')) eq 'v2' }),
   '... which a new configuration does not stop');
is($t->asked('/reload'), 2, '... one request');

is(status($t->get('/last')), 'STALE', 'and nginx ends in the midst of one');

$t->stop;

my %lines;

for (split /\n/, slurp("$dir/access.log")) {
    my ($path) = m{^\S+ (\S+)} or next;
    $lines{$path}++;
}

is($lines{'/last'}, 2, 'a refresh has no line in the access log');
is($t->asked('/last'), 2, '... though there was one');

$t->done;
