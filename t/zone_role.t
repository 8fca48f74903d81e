# The role that one worker of a zone has: it moves when its worker is killed,
# hangs or is to end, and never is two workers'.
#
# Seen through a module of its own, t/redis, whose workers ask for the role
# ten times a second.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(sleep time);

use Test::Redis::Nginx;

use constant {
    ASKS   => 30,                    # requests, to come by all workers
    RENEW  => 0.6,                   # seconds for which a role lasts
    WAIT   => 10,
    KILLED => 3,
};


sub nginx {
    my ($workers) = @_;

    my $t = Test::Redis::Nginx->new(workers => $workers);

    $t->start_nginx('zone_test role 1m; server { listen %%PORT%% reuseport; '
                    . 'location /role { zone_test_role; } }',
                    main => 'load_module ' . Test::Redis::Nginx::module()
                            . ';');
    return $t;
}


# Who says that it is his: pids.

sub holders {
    my ($t) = @_;

    my %mine;

    for (1 .. ASKS) {
        my $body = $t->get('/role')->{body} || '';
        my ($pid, $mine) = $body =~ /^(\d+) ([01])$/ or next;

        $mine{$pid} = $mine;
    }

    return grep { $mine{$_} } keys %mine;
}


# The seconds until a worker other than these has the role, and its pid.

sub moves {
    my ($t, @others) = @_;

    my %other = map { $_ => 1 } @others;
    my $began = time;

    while (time - $began < WAIT) {
        my @new = grep { !$other{$_} } holders($t);

        return (time - $began, $new[0]) if @new;
        sleep 0.01;
    }

    return (WAIT, 0);
}


subtest 'three workers' => sub {
    my $t = nginx(3);
    my ($seconds, $holder) = moves($t);

    ok($holder, 'a worker has the role');
    sleep 2 * RENEW;
    is_deeply([ holders($t) ], [ $holder ], '... keeps it, and alone');

    # killed: the fastest of some, as this machine may be busy

    my $fastest = WAIT;

    for (1 .. KILLED) {
        kill 'KILL', $holder;

        my $killed = $holder;

        ($seconds, $holder) = moves($t, $killed);
        $fastest = $seconds if $seconds < $fastest;
    }

    cmp_ok($fastest, '<', RENEW * 0.8,
           'killed: it moves before its time is over');
    is(scalar(holders($t)), 1, '... to one');

    # one that hangs has it no longer, also when it goes on

    kill 'STOP', $holder;

    my $hung = $holder;

    sleep 2 * RENEW;                     # for which nobody can be asked
    kill 'CONT', $hung;
    sleep RENEW;

    my @after = holders($t);

    is(scalar(@after), 1, 'one that hung: one has the role');
    isnt($after[0], $hung, '... which is another');

    my @before = $t->workers;

    $t->reload;
    ($seconds, $holder) = moves($t, @before);
    ok($holder, 'a reload: a worker has it');
    sleep RENEW;
    is(scalar(holders($t)), 1, '... alone');

    $t->allow(qr/worker process \d+ exited on signal 9/);
    $t->allow(qr/shared memory zone "role" was locked by \d+/);
    $t->done;
};


# an old worker that serves somebody still

subtest 'a worker that is to end' => sub {
    my $one = nginx(1);

    (undef, my $old) = moves($one);

    my $slow = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                     PeerPort => $one->port);

    print $slow "GET /role HTTP/1.1\r\n";
    sleep 0.2;
    $one->reload;

    my (undef, $holder) = moves($one, $old);
    ok($holder, 'a worker that is to end gives the role up');
    ok(kill(0, $old), '... while it is there still');
    isnt($holder, $old, '... to another');

    close $slow;
    $one->done;
};


done_testing();
