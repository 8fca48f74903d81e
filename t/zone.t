#!/usr/bin/perl

# The memory that workers share: kept by a reload, given back by the dead, and
# a wake-up from one worker to another.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use IO::Select;
use Test::More;
use Test::Editorial;
use Time::HiRes qw(sleep time);

use constant {
    ALONE => 3,                      # seconds: more than it takes to notice
    WAIT  => 15,                     # seconds, for anything
};

my $t = Test::Editorial->new(workers => 2);
my $page = article(n => 100);
my $dir = $t->dir;

sub conf {
    my ($zone) = @_;

    return <<"END";
editorial_zone pages:$zone;

server {
    listen %%PORT%% reuseport;

    editorial on;
    editorial_cache on;

    location / {
        proxy_pass http://%%ORIGIN%%;
        add_header X-Status \$editorial_status;
        add_header X-Worker \$pid;
    }

    location = /pid {
        editorial_cache off;
        return 200 \$pid;
    }
}
END
}

# who asks first waits for an answer that does not come

sub stuck {
    my ($c) = @_;

    if (mkdir "$dir/stuck") {
        sysread $c, my $rest, 1;
        return;
    }

    $t->send_page($c, { body => $page });
}

$t->origin('/page' => { body => $page },
           '/stuck' => \&stuck,
           '/late' => sub {
               sleep 1.5;
               $t->send_page($_[0], { body => $page });
           },
           map { ("/page/$_" => { body => $page . $_ }) } 1 .. 60);

# what a zone must be

for (['8k' => qr/zone "pages" of 8192 bytes is too small, at least \d+ /],
     ['0' => qr/zone "pages" of 0 bytes is too small/])
{
    my ($passed, $said) = $t->check(conf($_->[0]));
    ok(!$passed, "a zone of $_->[0]");
    like($said, $_->[1], '... is refused, with the least that will do');
}

my ($least) = ($t->check(conf('8k')))[1] =~ /at least (\d+)/;

ok(($t->check(conf($least)))[0], "$least bytes will do");
ok(!($t->check(conf($least - 1)))[0], '... a byte less will not');

$t->run(conf('8m'));


# Connections to two workers, as (pid, connection) pairs.

sub two_workers {
    my (%open, $c);

    for (1 .. 200) {
        $c = $t->connection;
        my $pid = ask($c, '/pid')->{body};

        $open{$pid} ||= $c;
        last if keys %open == 2;
    }

    return map { [$_, $open{$_}] } sort keys %open;
}


sub put {
    my ($c, $path) = @_;

    syswrite $c, "GET $path HTTP/1.1\r\nHost: localhost\r\n\r\n";
}


# One response of a connection that stays open.

sub take {
    my ($c) = @_;

    my ($buf, $r) = ('');
    my $select = IO::Select->new($c);

    while ($select->can_read(WAIT)) {
        sysread $c, $buf, 65536, length $buf or last;
        ($r) = Test::Editorial::responses($buf, 'GET');
        last if $r->{whole};
    }

    return $r || {};
}


sub ask {
    my ($c, $path) = @_;

    put($c, $path);

    return take($c);
}


sub until_true {
    my ($code) = @_;

    for (1 .. WAIT / 0.02) {
        return 1 if $code->();
        sleep 0.02;
    }

    return 0;
}


sub gone {
    my (@pids) = @_;

    return until_true(sub { !grep { kill 0, $_ } @pids });
}


sub status { $_[0]->{headers}{'x-status'} || '' }


# one worker's page is the other's

my @workers = two_workers();
is(scalar @workers, 2, 'two workers');

my ($a, $b) = map { $_->[1] } @workers;

is(status(ask($a, '/page')), 'MISS', 'one worker fetches a page');
is(status(ask($b, '/page')), 'HIT', '... the other has it');
same(stripped(ask($b, '/page')->{body}), $page, '... whole');

# a reload keeps the memory; the workers before it do not linger

my @old = map { $_->[0] } @workers;
close $_->[1] for @workers;

my $began = time;
$t->reload;

ok(gone(@old), 'a reload: the old workers go');
cmp_ok(time - $began, '<', ALONE, '... soon');

my $r = $t->get('/page');
is(status($r), 'HIT', 'its page is still there');
same(stripped($r->{body}), $page, '... whole');
is($t->asked('/page'), 1, '... the origin was asked once');

# an old worker that goes on fetching wakes a new one that waits

@workers = two_workers();
@old = map { $_->[0] } @workers;
my $first = $workers[0][1];

put($first, '/late');
ok(until_true(sub { $t->asked('/late') }), 'a fetch under way');

$t->reload;
close $workers[1][1];
ok(until_true(sub { !grep { $t->get('/pid')->{body} eq $_ } @old }),
   '... at a reload');

$r = $t->get('/late');
is(status($r), 'HIT', 'a new worker waits for the old one');
same(stripped($r->{body}), $page, '... and gets its page');
is($t->asked('/late'), 1, '... which was asked for once');
same(stripped(take($first)->{body}), $page, 'so does the client of the old one');
close $first;
ok(gone(@old), 'it goes then');

# a worker dies while another waits for it

@workers = two_workers();
put($workers[0][1], '/stuck');
ok(until_true(sub { $t->asked('/stuck') }), 'a fetch that takes forever');
put($workers[1][1], '/stuck');
sleep 0.2;
is($t->asked('/stuck'), 1, '... another worker waits for it');

$began = time;
kill 'KILL', $workers[0][0];

$r = take($workers[1][1]);
same(stripped($r->{body}), $page, 'the worker dies, the other fetches the page itself');
cmp_ok(time - $began, '<', ALONE, '... soon');
is($t->asked('/stuck'), 2, '... from the origin');
like($t->log, qr/process $workers[0][0] is gone/, 'the log says so');

ok(until_true(sub { two_workers() == 2 }), 'there are two workers again');
is(status(ask($_->[1], '/stuck')), 'HIT', '... which have the page')
    for two_workers();

# workers die under load, wherever they are

my @clients = map { Test::Editorial::child(\&client) } 1 .. 3;
my $until = time + 2;

while (time < $until) {
    my @pids = split / /, slurp("/proc/$t->{pid}/task/$t->{pid}/children");
    my $pid = $pids[rand @pids];

    kill 'KILL', $pid if $pid;
    sleep 0.05 + rand 0.1;
}

for my $pid (@clients) {
    waitpid $pid, 0;
    is($?, 0, 'of what a client got, all was right');
}

# asks for pages, as nothing else matters

sub client {
    my $stop = time + 2;
    srand $$;

    while (time < $stop) {
        my $n = 1 + int rand 60;
        my $r = eval { $t->get("/page/$n") } || {};

        next unless $r->{whole} && $r->{status} == 200;
        POSIX::_exit(2) if stripped($r->{body}) ne $page . $n;
    }

    POSIX::_exit(0);
}

ok(until_true(sub { two_workers() == 2 }), 'two workers are left');
sleep 1.5;

for my $n (1 .. 60) {
    $r = $t->get("/page/$n");
    next if stripped($r->{body}) eq $page . $n && status($r) =~ /^(HIT|MISS)$/;
    fail("page $n, after them: " . status($r));
}

is(scalar(grep { status($t->get("/page/$_")) eq 'HIT' } 1 .. 10), 10,
   'pages are kept as before');

# another size is another zone

Test::Editorial::spew("$dir/nginx.conf", $t->conf(conf('2m')));
@old = map { $_->[0] } two_workers();
$t->reload;
ok(gone(@old), 'a reload with another size');

is(status($t->get('/page/1')), 'MISS', 'its pages are gone');
is(status($t->get('/page/1')), 'HIT', '... new ones are kept');
like($t->log, qr/\[notice\].*"pages" has 2097152 bytes instead of 8388608 now/,
     '... the log says so');

# without a master

my $single = Test::Editorial->new;

$single->origin('/page' => { body => $page });
$single->start_origin;
$single->start_nginx(conf('1m'), main => 'master_process off;');

is(status($single->get('/page')), 'MISS', 'master_process off: a page');
is(status($single->get('/page')), 'HIT', '... is kept');
$single->stop;
is($single->{exit}, 0, '... and nginx ends in good order');
unlike($single->log, qr/\[(alert|emerg)\]/, '... without alerts');

# more workers than there are places for

my $many = Test::Editorial->new(workers => 66);

$many->origin('/page' => { body => $page });
$many->run(conf('1m'));

is(scalar(grep { stripped($many->get('/page')->{body}) ne $page } 1 .. 40), 0,
   '66 workers: a page, from all of them');
is(() = $many->log =~ /64 processes use the zone "pages" already/g, 2,
   '... two go without the zone, and say so');
$many->stop;
unlike($many->log, qr/\[(alert|emerg)\]/, '... without alerts');

# and the deaths that were ours
$t->allow(qr/worker process \d+ exited on signal 9/);
$t->allow(qr/shared memory zone "pages" was locked by \d+/);

$t->done;
