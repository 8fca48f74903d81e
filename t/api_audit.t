#!/usr/bin/perl

# The editors' API: what was changed, by whom; in Redis, and without it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;
use Test::Editorial;
use Test::Redis;
use Time::HiRes qw(time);

my $redis = Test::Redis->server;
my $t = Test::Editorial->new(workers => 2, redis => $redis);
my $other = Test::Editorial->new(redis => $redis, origin => $t);
my $alone = Test::Editorial->new(workers => 2, origin => $t);

my $conf = <<'END';
editorial_zone pages:4m;
%%TIER%%

server {
    listen %%PORT%%;

    editorial on;
    editorial_desk opinion;
    editorial_read_more box;

    location / {
        proxy_pass http://%%ORIGIN%%;
    }

    location /console/ {
        editorial_console user=$http_x_user;
    }
}
END

my $tier = 'editorial_redis %%REDIS%% timeout=1s connect_timeout=1s;';

$_->run($conf =~ s/%%TIER%%/$tier/r) for $t, $other;
$alone->run($conf =~ s/%%TIER%%//r);

ok($redis->wait_for_clients(3, 2), 'connected');

subtest 'with Redis' => sub { all_entries($t) };
subtest 'alone' => sub { all_entries($alone) };

sub entries {
    my ($s, $args) = @_;

    my $r = $s->api('GET', 'audit' . ($args || ''));

    return $r->{status} == 200 ? $r->{json}{entries} : $r->{status};
}


sub all_entries {
    my ($s) = @_;

    is_deeply(entries($s), [], 'nothing was changed');

    # what is changed

    my $off = { mode => 'off' };
    my $on = { mode => 'on', variant => 'box' };
    my @records = $s == $t
        ? ([ 'PUT', 'article?id=%2fa%22%ff', { opinion => JSON::PP::true() },
             'article', "/a\"\x{fffd}", undef,
             { opinion => JSON::PP::true() } ],
           [ 'DELETE', 'article?id=%2fa%22%ff', undef,
             'article', "/a\"\x{fffd}", { opinion => JSON::PP::true() },
             undef ])
        : ();
    my @calls = (
        [ 'PUT', 'desks/opinion/read_more', $off,
          'state', 'opinion/read_more', undef, $off ],
        [ 'PUT', 'desks/opinion/read_more', $on,
          'state', 'opinion/read_more', $off, $on ],
        [ 'DELETE', 'desks/opinion/read_more', undef,
          'state', 'opinion/read_more', $on, undef ],
        [ 'PUT', 'desks/opinion/paused', 'true', 'paused', 'opinion',
          $s == $t ? undef : JSON::PP::false(), JSON::PP::true() ],
        [ 'PUT', 'desks/opinion/paused', 'false', 'paused', 'opinion',
          JSON::PP::true(), JSON::PP::false() ],
        @records,
        [ 'POST', 'purge', { tag => "a\n\"\x{e4}" }, 'purge',
          "tag:a\n\"\x{e4}", undef, { purged => 0 } ],
        [ 'POST', 'purge', { key => 'x' }, 'purge', 'key:x', undef,
          { purged => 0 } ],
        [ 'POST', 'purge', { url => 'http://localhost/x' }, 'purge',
          'url:http://localhost/x', undef, { purged => 0 } ],
        [ 'POST', 'purge', { all => JSON::PP::true() }, 'purge', 'all',
          undef, { purged => 0 } ]);
    my $n = 0;

    for (@calls) {
        my ($method, $path, $body, $action, $target, $before, $after) = @$_;
        my $began = int time;
        my $r = $s->api($method, $path, $body, 'X-User: b"</script>');

        like($r->{status}, qr/^20[04]$/, "$method $path");

        my $list = entries($s);
        my $entry = $list->[0] || {};
        my ($id, $at) = (delete $entry->{id}, delete $entry->{at});

        is(scalar @$list, ++$n, '... is one entry more');
        is_deeply($entry, { user => 'b"</script>', action => $action,
                            target => $target, before => $before,
                            after => $after }, '... which says what');
        like($id || '', qr/^\d{13}-\d+$/, '... its id');
        like($at || '', qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
             '... its time');
        cmp_ok(abs(($id || 0) =~ s/-.*//r / 1000 - $began), '<', 10,
               '... is now');
    }

    # what is not

    for ([ 'PUT', 'desks/opinion/read_more', '{"mode":"x"}' ],
         [ 'PUT', 'desks/opinion/read_more', $off, 'If-Match: "x"' ],
         [ 'PUT', 'desks/opinion/read_more', $off, 'X-User: ' ],
         [ 'DELETE', 'desks/opinion/read_more' ],
         [ 'DELETE', 'article?id=/none' ],
         [ 'PUT', 'article?id=/none', '{"x":1}' ],
         [ 'POST', 'purge', '{}' ])
    {
        $s->api(@$_);
        is(scalar @{ entries($s) }, $n, "@$_[0, 1]: nothing, no entry");
    }

    # pages of it

    my $all = entries($s);
    my @ids = map { $_->{id} } @$all;
    my @sorted = sort { $b->[0] <=> $a->[0] || $b->[1] <=> $a->[1] }
                 map { [ split /-/ ] } @ids;

    is("@ids", join(' ', map { join '-', @$_ } @sorted), 'newest first');
    is_deeply(entries($s, '?count=2'), [ @$all[0, 1] ], 'the last two');
    is_deeply(entries($s, "?count=2&before=$ids[1]"), [ @$all[2, 3] ],
              '... and two before');
    is_deeply(entries($s, "?before=$ids[-1]"), [], 'before the first');
    is_deeply($s->api('GET', 'audit?before=0-0')->{json}, { entries => [] },
              '... and before all');

    for my $args ('count=0', 'count=1001', 'count=x', 'count=', 'count=-1',
                  'before=x', 'before=', 'before=1', 'before=1-',
                  'before=-1', 'before=1-2-3', 'before=1-99999999999')
    {
        my $r = $s->api('GET', "audit?$args");

        is($r->{status}, 400, $args);
        like($r->{json}{detail}, qr/^"(?:count|before)" must be /,
             '... says why');
    }

    # as many as are kept

    is($s->api('POST', 'purge', { key => "\x{e4}" x 50_000 },
               'X-User: ' . "\xc3\xa4" x 100)->{status}, 200, 'a long name');
    is(length $s->api('GET', 'audit?count=1')->{json}{entries}[0]{target},
       1024 + 2, '... is cut');
    is($s->api('GET', 'audit?count=1')->{json}{entries}[0]{user},
       "\x{e4}" x 64, '... the user, too');
}

# a long value

my $long = { disclaimer => 'x' x 10_000 };

is($t->api('PUT', 'article?id=/long', $long)->{status}, 200, 'a long record');
is_deeply(entries($t)->[0]{after}, { omitted => 10_000 + 17 },
          '... is not kept in the audit');

# all servers see the same

is_deeply(entries($other), entries($t), 'another server has the same audit');

# no more than so many

$redis->command('EVAL', "for i = 1, 10010 do
    redis.call('XADD', KEYS[1], '*', 'user', 'x', 'after', '{') end", 1,
    'editorial:audit');
$t->api('PUT', 'desks/opinion/read_more', '{"mode":"off"}');
is($redis->command('XLEN', 'editorial:audit'), 10_000, '10,000 are kept');
is(scalar @{ entries($t, '?count=1000') }, 1000, '... 1,000 are told');
is_deeply([ @{ entries($t)->[1] }{qw(user action before after)} ],
          [ 'x', undef, undef, '{' ], 'what somebody else has written');

for my $i (1 .. 30) {
    $alone->api('PUT', 'desks/opinion/paused', $i % 2 ? 'true' : 'false');
}

is($alone->api('GET', 'audit?count=1')->{json}{entries}[0]{after},
   JSON::PP::false(), 'many');

# written down, or not done

$redis->command('DEL', 'editorial:audit');
$redis->command('SET', 'editorial:audit', 'x');

my $before = $t->api('GET', 'desks/opinion/read_more')->{json};
my $r = $t->api('PUT', 'desks/opinion/read_more',
                '{"mode":"on","variant":"box"}');

is($r->{status}, 503, 'an entry that cannot be written');
like($r->{json}{detail}, qr/^Redis says "WRONGTYPE .*nothing was changed$/,
     '... is said');
is($redis->command('HGET', 'editorial:desk:opinion', 'read_more'),
   '{"mode":"off"}', '... the state is as it was');
is($t->api('PUT', 'article?id=/new', '{}')->{status}, 503, 'a record');
is($redis->command('EXISTS', 'editorial:article:/new'), 0, '... likewise');
is($t->api('PUT', 'article?id=/long', '{}')->{status}, 503, '... that is there');
like($redis->command('GET', 'editorial:article:/long'), qr/xxxx/,
     '... likewise');
is($t->api('DELETE', 'article?id=/long')->{status}, 503, '... is taken away');
like($redis->command('GET', 'editorial:article:/long'), qr/xxxx/,
     '... likewise');
is($t->api('GET', 'audit')->{status}, 503, 'nor can it be read');
is($t->api('POST', 'purge', { key => 'x' })->{status}, 200,
   'a purge is done all the same');
like($t->log, qr/Redis has not taken an entry of the audit/,
     '... which is said');

$redis->stop;
eventually(sub { $t->api('GET', 'audit')->{status} == 503 });
$r = $t->api('GET', 'audit');
like($r->{json}{detail}, qr/^Redis .*, the audit cannot be read$/,
     'while Redis is away');

$t->done($other, $alone);
