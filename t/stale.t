#!/usr/bin/perl

# A page past its freshness: served at once and refreshed behind the response,
# or, where that is not allowed, fetched with our own validators; and served
# all the same while the origin fails.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;
use Time::HiRes qw(sleep time);

my $t = Test::Editorial->new(workers => 2);
my $page = article(n => 100);

# What the origin answers is in a file, so that it can be changed.

sub now { spew($t->dir . "/$_[0]", $_[1]) }

sub variable {
    my ($name, %page) = @_;

    now($name, 'v1');

    return sub {
        my ($c, $request) = @_;
        my $state = slurp($t->dir . "/$name");

        return $t->send_page($c, { status => '503 Sorry', body => 'sorry' })
            if $state eq 'failed';

        return if $state eq 'gone';

        sleep 0.3 if $page{slow} && $state ne 'v1';

        my @headers = (@{ $page{headers} || [] },
                       $page{etag} ? qq(ETag: "$state") : ());

        if ($request =~ /^If-None-Match: "\Q$state\E"\r$/m) {
            return $t->send_page($c, { status => '304 Not Modified',
                                       headers => \@headers });
        }

        return $t->send_page($c, { body => "$page<!-- $state -->",
                                   headers => \@headers });
    };
}

my @swr = ('Cache-Control: max-age=2, stale-while-revalidate=60');
my @sie = ('Cache-Control: max-age=2, stale-while-revalidate=0, '
           . 'stale-if-error=60');

$t->origin(
    '/swr' => variable('swr', headers => \@swr, slow => 1),
    '/same' => variable('same', headers => \@swr, etag => 1),
    '/foreground' => variable('foreground', headers => \@sie, etag => 1),
    '/failing' => variable('failing', headers => \@sie),
    '/errors' => variable('errors', headers => \@sie),
    '/intercepted' => variable('intercepted', headers => \@sie),
    '/dead' => variable('dead', headers => \@sie),
    '/must' => variable('must',
                        headers => ['Cache-Control: max-age=2, '
                                    . 'must-revalidate']));

spew($t->dir . '/html/sorry.html', 'sorry page');

$t->run(<<'END');
editorial_zone pages:4m;

server {
    listen %%PORT%%;

    editorial on;
    editorial_opinion 1;
    editorial_cache on;
    add_header X-Status $editorial_status always;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location = /errors {
        error_page 502 503 504 = /sorry.html;
        proxy_pass http://%%ORIGIN%%;
        proxy_intercept_errors on;
    }

    location = /intercepted {
        error_page 502 503 504 = @other;
        proxy_pass http://%%ORIGIN%%;
        proxy_intercept_errors on;
    }

    location @other {
        return 200 "other";
    }

    location = /sorry.html {
    }
}
END

sub version { my ($r) = @_; return $r->{body} =~ /<!-- (\w+) -->/ ? $1 : 'none' }
sub status { $_[0]->{headers}{'x-status'} }

$t->get($_) for '/swr', '/same', '/foreground', '/failing', '/errors',
                '/intercepted', '/dead', '/must';

is(status($t->get('/swr')), 'HIT', 'fresh');

now($_, 'v2') for 'swr', 'must';
sleep 3.1;

my $began = time;
my $r = $t->get('/swr', 'Cookie: secret=1', 'Authorization-X: 1',
                'X-Client: me', 'If-None-Match: "x"');
cmp_ok(time - $began, '<', 0.2, 'stale: served at once');
is(status($r), 'STALE', '... as stale');
is(version($r), 'v1', '... what there was');
like($r->{headers}{'cache-status'}, qr/^editorial; hit; ttl=-\d+; detail=stale$/,
     '... Cache-Status');
is(status($t->get('/swr')), 'UPDATING', '... and again, while it is updated');

sleep 0.6;
$r = $t->get('/swr');
is(version($r), 'v2', '... then refreshed');
is(status($r), 'HIT', '... a hit');
is($t->asked('/swr'), 2, '... by one request');

my ($refresh) = grep { m{^GET /swr }} reverse $t->requests;
unlike($refresh, qr/secret/, '... without the cookie');
unlike($refresh, qr/If-None-Match: "x"/, "... or the client's validators");
like($refresh, qr/X-Client: me/, '... with the rest');

$r = $t->get('/same');
is(status($r), 'STALE', 'the same page: stale');
sleep 0.3;
$r = $t->get('/same');
is(status($r), 'HIT', '... refreshed');
($refresh) = grep { m{^GET /same }} reverse $t->requests;
like($refresh, qr/If-None-Match: "v1"/, '... by its validator');
is(version($r), 'v1', '... it has its body');
is($t->asked('/same'), 2, '... one request');
sleep 3.1;
is(status($t->get('/same')), 'STALE', '... and ages again');

$r = $t->get('/foreground');
is(status($r), 'EXPIRED', 'no stale page while refreshed: expired');
is($r->{status}, 200, '... the page');
is(version($r), 'v1', '... the origin says it is unchanged');
like((grep { m{^GET /foreground }} $t->requests)[-1],
     qr/If-None-Match: "v1"/, '... by its validator');
is(status($t->get('/foreground')), 'HIT', '... fresh again');

my $etag = $r->{headers}{etag};
sleep 3.1;
is($t->get('/foreground', "If-None-Match: $etag")->{status}, 304,
   "... the client's validator holds for it");

now($_, 'failed') for 'failing', 'errors', 'intercepted';
now('dead', 'gone');
sleep 3.1;

for my $path ('/failing', '/errors', '/intercepted', '/dead') {
    $r = $t->get($path);
    is($r->{status}, 200, "$path: the origin fails");
    is(status($r), 'STALE', '... a stale page');
    is(version($r), 'v1', '... whole');
    ok($r->{whole}, '... to its end');
    is($r->{headers}{'content-length'}, length $r->{body}, '... its length');
    is($t->head($path)->{status}, 200, '... HEAD');
}

$r = $t->get('/must');
is(status($r), 'EXPIRED', 'must-revalidate');
is(version($r), 'v2', '... asks the origin');

now('must', 'failed');
sleep 3.1;
is($t->get('/must')->{status}, 503, '... and does not hide that it fails');

$t->allow(qr/prematurely closed/);
$t->done;
