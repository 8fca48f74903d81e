#!/usr/bin/perl

# Redis hangs, is gone, is back, and is back empty: readers get their pages all
# the while, few of them wait, and nothing is served afterwards that has been
# changed meanwhile.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;
use Test::Redis;
use Time::HiRes qw(sleep time);

use constant {
    WORKERS => 2,
    QUICK   => 0.17,                     # what takes longer has waited
    SLACK   => 0.7,                      # that a busy machine may add
};

my $redis = Test::Redis->server('appendonly yes', 'appendfsync always');
my $between = Test::Redis->fake(before => $redis);

# one with a zone, one with Redis alone, and one with a zone that can be cut off
my $t = Test::Editorial->new(workers => WORKERS, redis => $redis);
my $alone = Test::Editorial->new(workers => WORKERS, redis => $redis,
                                 origin => $t);
my $apart = Test::Editorial->new(workers => WORKERS, redis => $between,
                                 origin => $t);
my $dir = $t->dir;
my $page = article(n => 40);

sub now { spew("$dir/now.new", $_[0]); rename "$dir/now.new", "$dir/now" }

now(0);

my $versioned = sub {
    my $version = slurp("$dir/now");

    $t->send_page($_[0], {
        body => $page =~ s/A story/Version $version./r,
        headers => ['Cache-Control: max-age=600'] });
};

$t->origin(map { ($_ => $versioned) } '/page', '/other', '/apart', '/edited',
                                      '/purged', '/empty');

my $conf = <<'END';
editorial_redis %%REDIS%% timeout=200ms connect_timeout=200ms max_fails=3
                fail_timeout=1s;

server {
    listen %%PORT%%;

    editorial on;
    editorial_opinion 1;
    editorial_cache on;

    location / {
        proxy_pass http://%%ORIGIN%%;
        add_header X-Status $editorial_status always;
        add_header X-Tier $editorial_tier always;
    }

    location = /static {
        return 200 "here\n";
    }
}
END

$_->run("editorial_zone pages:4m;\n$conf") for $t, $apart;
$alone->run($conf);

ok($redis->wait_for_clients(3 * WORKERS, 2), 'connected');

sub version { return $_[0]{body} =~ /Version (\d+)\./ ? $1 : -1 }

sub is_right {
    my ($r) = @_;

    return $r->{status} == 200 && $r->{whole}
           && stripped($r->{body}) =~ s/Version \d+\./A story/r eq $page;
}

sub from {
    my ($server, $path) = @_;

    my $r = $server->get($path);

    return "$r->{headers}{'x-status'} $r->{headers}{'x-tier'}";
}

sub kept { $redis->command('EXISTS',
                           "editorial:page:{http://localhost$_[0]}") }

sub learn {
    my ($server, $path) = @_;

    $server->get($path);
    eventually(sub { kept($path) }, 3);
    ok(defined eventually(sub { from($server, $path) eq 'HIT memory' }, 3),
       "$path: in memory");
}


# Asks the server with Redis alone: what is wrong, and who waits.

sub served_without {
    my ($name) = @_;

    my ($wrong, $slow, $held_up, $lost) = (0, 0, 0, 0);
    my $began = time;

    # those in flight wait together
    $wrong += grep { !is_right($_) } $alone->parallel(16, '/page');

    while (time - $began < 2) {
        my $start = time;

        $wrong++ unless is_right($alone->get('/page'));
        $slow++ if time - $start > QUICK;

        for my $server ($t, $alone) {
            $start = time;
            $server->get('/static');
            $held_up++ if time - $start > QUICK / 2;
        }

        # what is in memory needs no Redis
        $lost++ if from($t, '/page') ne 'HIT memory';
        sleep 0.01;
    }

    is($wrong, 0, "$name: the page, each time");
    cmp_ok($slow, '<=', WORKERS * 2, '... few wait for it');
    cmp_ok($held_up, '<=', 3, '... others are served meanwhile');
    is($lost, 0, '... the zone serves on');
    diag "$name: $slow slow";
}

sub comes_back {
    my ($name) = @_;

    my $took = eventually(sub { from($alone, '/page') eq 'HIT redis' }, 8);

    ok(defined $took && $took < 1 + SLACK, "$name: hits again in a second")
        or diag defined $took ? $took : 'never';
    is(from($t, '/other'), 'HIT memory', '... what is in memory is good still')
        if kept('/other');
    ok($redis->wait_for_clients(3 * WORKERS, 2), '... all are connected');
}

learn($t, $_) for '/page', '/other';
comes_back('before all');

my $asked = $t->asked('/other');

$redis->pause;
served_without('Redis hangs');
$redis->resume;
comes_back('it goes on');

$redis->stop;
served_without('Redis is gone');
$redis->start;
comes_back('it is back');

is($t->asked('/other'), $asked,
   'what has not changed has not been fetched again');


# Cut off, a server serves what it has; then it is told what it has missed.

learn($apart, $_) for '/apart', '/edited', '/purged';

$redis->command('SET', 'editorial:article:/edited',
                '{"read_more":[{"url":"/a","title":"Before","after":2}]}');
ok(defined eventually(sub { $apart->get('/edited')->{body} =~ /Before/ }, 2),
   'a record');

$between->stop;
sleep 1;

my $version = slurp("$dir/now");

now($version + 1);
$redis->command('DEL', 'editorial:page:{http://localhost/apart}');
$redis->command('SET', 'editorial:article:/edited',
                '{"read_more":[{"url":"/a","title":"After","after":2}]}');

for my $path ('/apart', '/edited', '/purged') {
    is(from($apart, $path), 'HIT memory', "$path: cut off, from memory");
}

is(version($apart->get('/apart')), $version, '... as it was');
like($apart->get('/edited')->{body}, qr/Before/, '... by the record it knows');

$between->start;

my $took = eventually(sub { version($apart->get('/apart')) == $version + 1 },
                      8);

ok(defined $took && $took < 1 + SLACK, 'what was deleted meanwhile is fetched')
    or diag defined $took ? $took : 'never';

$took = eventually(sub { $apart->get('/edited')->{body} =~ /After/ }, 8);
ok(defined $took && $took < 1 + SLACK, '... a record that was edited is read')
    or diag defined $took ? $took : 'never';
is(version($apart->get('/purged')), $version,
   '... what has not changed is served on');
is($t->asked('/purged'), 1, '... without the origin');

# all is purged meanwhile

$between->stop;
sleep 0.5;
$redis->command('INCR', 'editorial:gen');
is(from($apart, '/purged'), 'HIT memory', 'cut off, from memory');
$between->start;
$took = eventually(sub { version($apart->get('/purged')) == $version + 1 }, 8);
ok(defined $took && $took < 1 + SLACK, 'what was purged meanwhile is fetched')
    or diag defined $took ? $took : 'never';


# A Redis that comes back empty knows of no page: they are fetched again.

learn($t, '/empty');
$version = slurp("$dir/now");
$redis->stop;
now($version + 1);
is(version($t->get('/empty')), $version, 'Redis is gone');
unlink glob "$redis->{dir}/appendonlydir/*";
rmdir "$redis->{dir}/appendonlydir";
$redis->start;
ok(!kept('/empty'), '... and comes back empty');
$took = eventually(sub { version($t->get('/empty')) == $version + 1 }, 8);
ok(defined $took && $took < 1 + SLACK, '... pages are fetched again')
    or diag defined $took ? $took : 'never';
ok(defined eventually(sub { kept('/empty') }, 3), '... and stored');

$redis->command('FLUSHALL');
ok(defined eventually(sub { from($alone, '/page') eq 'MISS origin' }, 1),
   'FLUSHALL: a miss');
ok(defined eventually(sub { from($alone, '/page') eq 'HIT redis' }, 2),
   '... and hits');

# The end, while Redis hangs.

$redis->pause;
$alone->parallel(4, '/page');

my $began = time;

$_->ends_well for $apart, $alone;
cmp_ok(time - $began, '<', 4, 'nobody waits for Redis to end');
$redis->resume;

for my $server ($t, $alone, $apart) {
    unlike($server->log, qr/\[crit\]/, 'nothing critical');
}

$_->clean for $alone, $apart;
$t->done;
