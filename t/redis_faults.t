# The client of Redis: nothing that a server does, or fails to do, costs more
# than the time it is given.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use IO::Select;
use Test::More;
use Time::HiRes qw(sleep time);

use Test::Editorial;
use Test::Redis;
use Test::Redis::Nginx;

use constant SLACK => 0.7;          # seconds that a busy machine may add


sub with {
    my ($name, $args, $code) = @_;

    subtest $name => sub {
        my $t = Test::Redis::Nginx->new;

        $t->start($args);
        $t->wait_for(connected => 1) if $name !~ /^greeted/;
        $code->($t);
        $t->done;
    };
}


my $fake = Test::Redis->fake;
my $url = 'redis://' . $fake->address;

$fake->answer('GET well' => "+well\r\n", 'GET bad' => "-OOM no\r\n",
              'GET hung' => []);


# How each fault ends, and after how many seconds, where it is not at once.

my $nine = "\$9000000\r\n" . 'x' x 9_000_000 . "\r\n";

my @faults = (
    [ 'nothing',        [],                                'TIMEOUT', 0.3 ],
    [ 'half a reply',   "\$10\r\nabc",                     'TIMEOUT', 0.3 ],
    [ 'half, and closed', [ "\$10\r\nabc", undef ],        'LOST' ],
    [ 'closed',         [ undef ],                         'LOST' ],
    [ 'a byte a second', [ map { ($_, \1) } split //, "\$3\r\nabc\r\n" ],
                                                           'TIMEOUT', 0.3 ],
    [ 'a trickle',      [ "\$1000\r\n", map { ('x', \0.1) } 1 .. 100 ],
                                                           'TIMEOUT', 6 ],
    [ 'garbage',        "HTTP/1.1 400 Bad Request\r\n\r\n", 'LOST' ],
    [ 'a bad length',   "\$abc\r\n",                       'LOST' ],
    [ 'half a gigabyte', "\$536870912\r\nabc",             'LOST' ],
    [ 'half a gigabyte, in parts', [ '$53687', \0.1, "0912\r", \0.1, "\nab" ],
                                                           'LOST', 0.2 ],
    [ '2^31 elements',  "*2147483647\r\n",                 'LOST' ],
    [ 'many elements',  "*2000000\r\n" . ":1\r\n" x 400_000, 'LOST' ],
    [ 'large elements', "*2\r\n$nine$nine",                'LOST' ],
    [ 'a line without an end', '+' . 'x' x 200_000,        'LOST' ],
    [ 'nested arrays',  "*1\r\n" x 20,                     'LOST' ],
    [ 'LOADING',        "-LOADING Redis is loading\r\n",   'ERROR error 24' ],
    [ 'READONLY',       "-READONLY You can't write\r\n",   'ERROR error 24' ],
    [ 'OOM',            "-OOM command not allowed\r\n",    'ERROR error 23' ],
    [ 'NOAUTH',         "-NOAUTH Authentication\r\n",      'ERROR error 21' ],
    [ 'NOPERM',         "-NOPERM this user\r\n",           'ERROR error 16' ],
    [ 'MOVED',          "-MOVED 1 10.0.0.1:1\r\n",         'ERROR error 18' ],
    [ 'another type',   ":5\r\n",                          'OK integer 5' ],
    [ 'a number, in parts', [ ":123456789012\r", \0.1, "\n" ],
                                              'OK integer 123456789012', 0.1 ],
    [ 'slow, but whole',
      [ "\$30\r\n", (map { ('abc', \0.1) } 1 .. 10), "\r\n" ],
                                                           'OK string 30', 1 ],
    [ 'two for one',    "+OK\r\n+OK\r\n",                  'OK status 2' ],
    [ 'one, and an error', "+OK\r\n-ERR no\r\n",           'OK status 2' ],
);

$fake->answer(map { ("GET $_->[0]" => $_->[1]) } @faults);

with('answered with',
     "$url timeout=300ms connect_timeout=2s fail_timeout=1s", sub
{
    my ($t) = @_;

    is($t->command('GET', 'well'), 'OK status 4', 'all is well');

    my $descriptors = $t->descriptors;

    for (@faults) {
        my ($name, undef, $end, $after) = @$_;
        my ($line, undef, $took) = $t->command('GET', $name);

        $after ||= 0;

        is($line, $end, $name);
        ok($took > $after - 0.05 && $took < $after + SLACK, "… in $took s");
        ok(defined $t->wait_for(up => 1), '… and up again');
        is($t->command('GET', 'well'), 'OK status 4', '… and well');
    }

    is($t->descriptors, $descriptors, 'no descriptor is left');

    my $lost = $t->shows('lost');

    for (1 .. 10) {
        $t->command('GET', 'closed');
        $t->wait_for(up => 1);
        $t->command('GET', 'well');
    }

    is($t->shows('lost') - $lost, 10, 'ten connections are lost');
    is($t->descriptors, $descriptors, '… and no descriptor');
});


with('others are served meanwhile', "$url timeout=2s connect_timeout=2s", sub {
    my ($t) = @_;

    my @waiting = map { $t->connection } 1 .. 20;

    Test::Editorial::put($_, "GET /command?GET&hung HTTP/1.0\r\n\r\n")
        for @waiting;

    close $_ for splice @waiting, 0, 5;

    my $worst = 0;

    for (1 .. 20) {
        my $began = time;
        my $r = $t->get('/static');
        my $took = time - $began;

        $worst = $took if $r->{body} ne "here\n" || $took > $worst;
    }

    ok($worst < 0.2, "in $worst s at the worst");
    is($t->shows('timeouts'), 0, '… while commands wait');

    my $timed_out = grep { local $/; <$_> =~ /\r\n\r\nTIMEOUT\n\z/ } @waiting;

    is($timed_out, 15, 'they time out');
    is($t->shows(qw(lost open)), '1 0', '… which is one failure');
});


with('a server that hangs, and is asked on',
     "$url timeout=500ms connect_timeout=2s", sub
{
    my ($t) = @_;

    my $hung = sub {
        my $c = $t->connection;

        Test::Editorial::put($c, "GET /command?GET&hung HTTP/1.0\r\n\r\n");
        return $c;
    };
    my $began = time;
    my @waiting = $hung->();
    my $first = IO::Select->new(@waiting);

    push @waiting, $hung->() until $first->can_read(0.1) || @waiting == 20;

    cmp_ok(time - $began, '<', 0.5 + SLACK, 'ends in time');
    like(Test::Editorial::rest(shift @waiting), qr/\r\n\r\nTIMEOUT\n\z/,
         '… with the first');
    close $_ for @waiting;
});


$fake->answer('GET soon' => [ \0.4, "+soon\r\n" ]);

with('a worker that is held up', "$url timeout=1s connect_timeout=2s", sub {
    my ($t) = @_;

    my $worker = $t->worker;
    my $c = $t->connection;

    Test::Editorial::put($c, "GET /command?GET&soon HTTP/1.0\r\n\r\n");
    sleep 0.2;
    kill 'STOP', $worker;
    sleep 1.5;
    kill 'CONT', $worker;

    local $/;
    like(scalar <$c>, qr/\r\n\r\nOK status 4\nsoon\z/,
         'does not take it for the server');
});


with('the breaker',
     "$url timeout=200ms connect_timeout=2s max_fails=3 fail_timeout=1s", sub
{
    my ($t) = @_;

    $t->command('GET', 'bad') for 1 .. 2;
    is($t->command('GET', 'well'), 'OK status 4', 'two failures, and a reply');

    $t->command('GET', 'bad') for 1 .. 2;
    is($t->shows('open'), 0, 'two failures');
    like($t->command('GET', 'bad'), qr/^ERROR/, '… and a third in a row');
    is($t->shows(qw(open up)), '1 0', 'open');

    my $sent = () = $fake->commands;

    is($t->command('GET', 'well'), 'OPEN', 'refused') for 1 .. 3;
    is($t->shows('refused'), 3, '… and counted');
    is(scalar(() = $fake->commands), $sent, '… and not sent');
    is($t->said(qr/left alone for 1 s/), 1, '… and said');

    sleep 1.1;
    is($t->shows('up'), 1, 'time for a probe');
    like($t->command('GET', 'bad'), qr/^ERROR/, '… which fails');
    is($t->command('GET', 'well'), 'OPEN', '… and keeps it open');

    sleep 1.1;
    is($t->command('GET', 'well'), 'OK status 4', 'a probe is answered');
    is($t->shows('open'), 0, '… and closes it');

    $t->command('GET', 'bad') for 1 .. 3;
    sleep 1.1;

    my @many = map { $_->{body} =~ /(\w+)/ }
                   $t->parallel(5, '/command?GET&hung');

    is(join(' ', sort @many), 'OPEN OPEN OPEN OPEN TIMEOUT',
       'of many, one is the probe');

    sleep 1.1;
    $t->wait_for(up => 1);
    $t->command('GET', 'well');
    is($t->shows('open'), 0, 'closed');

    for (1 .. 3) {
        $t->wait_for(connected => 1);
        is($t->command('GET', 'hung'), 'TIMEOUT', 'a time-out');
    }

    $t->wait_for(connected => 1);
    is($t->shows('open'), 1, 'a new connection does not close it');
});


my $redis = Test::Redis->server;

with('a server that is away', 'redis://' . $redis->address
                              . ' timeout=300ms connect_timeout=300ms', sub
{
    my ($t) = @_;

    is($t->command('SET', 'key', 'value'), 'OK status 2', 'it is there');

    $redis->stop;
    ok(defined $t->wait_for(connected => 0), 'it is gone');

    my ($line, undef, $took) = $t->command('GET', 'key');

    like($line, qr/^(DOWN|OPEN)$/, 'a command is not sent');
    ok($took < 0.2, "… in $took s");
    ok(defined $t->wait_for(open => 1), 'the breaker opens');

    my $said = $t->said(qr/\[warn\]/);

    sleep 2;
    ok($t->said(qr/\[warn\]/) - $said <= 3, 'it is said once a second');

    $redis->start;
    $took = $t->wait_for(up => 1);
    ok($took < 1 + SLACK, "back after $took s");
    is($t->command('GET', 'key'), 'OK nil 0', '… and well');
    is($t->shows('open'), 0, '… and the breaker closed');

    $redis->pause;
    is($t->command('GET', 'key'), 'TIMEOUT', 'it hangs');
    sleep 0.5;

    ($line, undef, $took) = $t->command('GET', 'key');
    like($line, qr/^(DOWN|OPEN)$/, '… and no other command waits');
    ok($took < 0.2, "… in $took s");

    sleep 1;
    $redis->resume;
    $took = $t->wait_for(up => 1);
    ok($took < 1.3 + SLACK, "back after $took s");
    is($t->command('GET', 'key'), 'OK nil 0', '… and well');
});


for my $answer ("-LOADING Redis is loading\r\n",
                "-ERR max number of clients reached\r\n",
                "-DENIED Redis is running in protected mode\r\n", ":1\r\n",
                [ 'HTTP/1.1 400 Bad Request', undef ], [])
{
    my $shown = ref $answer ? $answer->[0] || 'nothing' : $answer;

    $shown =~ s/\r\n//;
    $fake->answer(PING => $answer);

    with("greeted with $shown", "$url connect_timeout=200ms", sub {
        my ($t) = @_;

        ok(defined $t->wait_for(open => 1), 'the breaker opens');
        is($t->shows('connected'), 0, 'not connected');
        like($t->log, qr/is not used: \S/, '… and it is said');

        $fake->answer(PING => "+PONG\r\n");
        ok(defined $t->wait_for(up => 1), '… until all is well');
    });
}


for my $answer ("-NOPERM no permission\r\n", "-ERR unknown command 'PING'\r\n")
{
    $fake->answer(PING => $answer);

    with('a user who may not ask', "$url timeout=2s connect_timeout=2s", sub {
        my ($t) = @_;

        is($t->command('GET', 'well'), 'OK status 4', 'is no worse off');
    });
}


done_testing();
