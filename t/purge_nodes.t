#!/usr/bin/perl

# POST api/purge, where two servers share a Redis: what one of them purges, the
# other no longer serves; and each page is counted once.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;
use Test::Editorial;
use Test::Redis;
use Time::HiRes qw(sleep time);

use constant PAGES => 40;

my $redis = Test::Redis->server;
my $first = Test::Editorial->new(workers => 2, redis => $redis);
my $second = Test::Editorial->new(workers => 2, redis => $redis,
                                  origin => $first);

$first->origin("/$_" => { body => article(n => 3),
                          headers => ['Cache-Control: max-age=600',
                                      'Surrogate-Key: paper'] }) for 1 .. PAGES;

$first->origin('/slow', { chunks => [\0.5, article(n => 3)],
                          headers => ['Cache-Control: max-age=600',
                                      'Surrogate-Key: paper evening'] });

my $conf = <<'END';
editorial_zone pages:32m;
editorial_redis %%REDIS%% timeout=1s connect_timeout=1s;

server {
    listen %%PORT%%;

    editorial on;
    editorial_cache on;

    location / {
        add_header X-Status $editorial_status;
        add_header X-Tier $editorial_tier;
        proxy_pass http://%%ORIGIN%%;
    }

    location /console/ {
        editorial_console user=anna;
    }
}
END

$_->run($conf) for $first, $second;

for my $t ($first, $second) {
    wait_for(sub { defined purge($t, key => 'none') });
}

# both have it

for my $what ([key => 'http://localhost/1'], [tag => 'paper'], [url => '/1'],
              [all => JSON::PP::true()])
{
    purge($first, all => JSON::PP::true());
    sleep 0.5;

    is(tier($first, 1), 'origin', "$what->[0]: the first fetches a page");
    wait_for(sub { tier($second, 1) eq 'memory' });
    is($first->asked('/1') - ($first->{before} || 0), 1,
       '... and shares it with the second');

    is(purge($second, @$what), 1, '... where it is purged');
    is(tier($second, 1), 'origin', '... and fetched again');
    sleep 1;
    isnt(tier($first, 1), 'memory', '... what the first had is gone');

    $first->{before} = $first->asked('/1');
}

# one that the other server fetches for the first time: nobody knows its tags

for my $tag ('evening', 'url:localhost/slow') {
    my $page = 'editorial:page:{http://localhost/slow}';
    my $c = $first->connection;

    syswrite $c, "GET /slow HTTP/1.1\r\nHost: localhost\r\n"
                 . "Connection: close\r\n\r\n";

    wait_for(sub { $redis->command('EXISTS', $page =~ s/page/lock/r) });
    is(purge($second, tag => $tag), 0, "$tag: nothing is there to be purged");

    1 while sysread $c, my $bytes, 65536;

    wait_for(sub { !$redis->command('EXISTS', $page) });
    is(tier($second, 'slow'), 'origin', '... what was fetched is not kept');
    wait_for(sub { $redis->command('EXISTS', $page) });
    is(purge($second, tag => $tag), 1, '... the next one is');
    sleep 0.2;
}

# pages that only one zone has: another of its workers may be the first to
# hear that they are purged

for my $round (1 .. 5) {
    purge($first, all => JSON::PP::true());
    sleep 0.5;

    $redis->command(qw(ACL SETUSER default resetkeys ~editorial:gen));
    status($first, $_) for 1 .. PAGES;
    sleep 0.2;
    $redis->command(qw(ACL SETUSER default allkeys));

    is(purge($first, tag => 'paper'), PAGES,
       'of ' . PAGES . ' pages each is counted once');
    is(purge($first, tag => 'paper'), 0, '... none is left');
}

# ... and pages that both tiers have

for my $round (1 .. 3) {
    status($first, $_) for 1 .. PAGES;
    wait_for(sub {
        ($redis->command('ZCARD', 'editorial:tag:paper') || 0) == PAGES;
    });
    sleep 0.2;

    is(purge($second, tag => 'paper'), PAGES, 'pages of both tiers');
    sleep 1;
    is(purge($first, tag => 'paper'), 0, '... are gone on the other server');
}

$first->done($second);


sub status { $_[0]->get("/$_[1]")->{headers}{'x-status'} }


sub tier { $_[0]->get("/$_[1]")->{headers}{'x-tier'} }


sub purge {
    my ($t, %what) = @_;

    my $body = JSON::PP::encode_json(\%what);
    my $r = $t->raw(join "\r\n", 'POST /console/api/purge HTTP/1.1',
                    'Host: localhost', 'Connection: close',
                    'Content-Type: application/json',
                    'Content-Length: ' . length $body, '', $body);

    return JSON::PP::decode_json($r->{body} || '{}')->{purged};
}


sub wait_for {
    my ($code) = @_;

    for (1 .. 500) {
        return 1 if $code->();
        sleep 0.02;
    }

    fail('waited in vain');
}
