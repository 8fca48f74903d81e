# Joined GETs: whoever asks for a key that is being asked for gets the same
# value, and none of them has a hold on another.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Time::HiRes qw(sleep);

use Test::Editorial;
use Test::Redis;
use Test::Redis::Nginx;


sub with {
    my ($name, $args, $code) = @_;

    subtest $name => sub {
        my $t = Test::Redis::Nginx->new;

        $t->start($args);
        $t->wait_for(connected => 1);
        $code->($t);
        $t->done;
    };
}


# Requests that have been sent, and what comes of them: first lines.

sub ask {
    my ($t, @paths) = @_;

    my @asking = map { $t->connection } @paths;

    Test::Editorial::put($asking[$_], "GET $paths[$_] HTTP/1.0\r\n\r\n")
        for 0 .. $#paths;

    sleep 0.2;

    return @asking;
}


sub told {
    my ($c) = @_;

    local $/;

    my $response = <$c>;

    return defined $response && $response =~ /\r\n\r\n(.*)/ ? $1 : 'nothing';
}


sub asked {
    my ($fake, $words) = @_;

    return scalar grep { $_ eq $words } $fake->commands;
}


my $redis = Test::Redis->server;
my $patient = 'timeout=5s connect_timeout=2s';

with('values', 'redis://' . $redis->address . " $patient", sub {
    my ($t) = @_;

    is($t->command('/get', 'none'), 'OK none', 'no such key');
    is($t->command('/get', 'none', 5), 'OK none', '… nor its beginning');

    # around what hiredis reads at once, and what a socket holds
    for my $size (0, 1, 16_370 .. 16_390, 32_768, 100_000, 1_000_001,
                  8_000_000)
    {
        my $bytes = join '', map { chr(($_ * 7 + $size) % 256) }
                             0 .. ($size < 99_999 ? $size : 99_999);

        $bytes = substr $bytes x (1 + $size / 99_000), 0, $size;
        $redis->command('SET', 'value', $bytes);

        my ($line, $value) = $t->command('/get', 'value');

        ok($line eq "OK $size" && $value eq $bytes, "$size bytes")
            or diag $line;
    }

    $redis->command('SET', 'value', '0123456789');
    is(($t->command('/get', 'value', 4))[1], '0123', 'the beginning of one');
    is(($t->command('/get', 'value', 99))[1], '0123456789', '… or all of it');
    is(($t->command('/get-hold', 'value'))[1], '0123456789',
       'a value that is held');
    is(($t->command('/get-again', 'value'))[1], '0123456789',
       'a handler may get once more');

    $redis->command('LPUSH', 'list', 1);
    is($t->command('/get', 'list'), 'ERROR', 'another type');
    is($t->command('/get', 'list', 4), 'ERROR', '… by its beginning');

    my @many = map { $_->{body} } $t->parallel(100, '/get?value');

    is(scalar(grep { $_ eq "OK 10\n0123456789" } @many), 100,
       'a hundred at once');
    is($t->shows(qw(open lost timeouts)), '0 0 0', 'no failures');
});


my $fake = Test::Redis->fake;
my $url = 'redis://' . $fake->address;

$fake->answer('GET slow' => [ \0.5, "\$4\r\nslow\r\n" ],
              'GET soon' => [ \0.5, "\$4\r\nsoon\r\n" ],
              'GETRANGE slow' => "\$2\r\nsl\r\n",
              'GETRANGE hung' => [],
              'GET status' => "+status\r\n", 'GET array' => "*1\r\n:1\r\n",
              'GET no' => "-ERR no\r\n", 'GET cut' => [ "\$9\r\nabc", undef ],
              'GET long' => [ "\$100000\r\n" . 'x' x 50_000, \0.1,
                              'x' x 50_000 . "\r\n", undef ],
              'GET cut long' => [ "\$100000\r\n" . 'x' x 50_000, undef ],
              'GET hung' => []);

with('joined', "$url $patient", sub {
    my ($t) = @_;

    my @waiting = ask($t, ('/get?slow') x 30, ('/get?slow&2') x 2,
                      '/get?soon');

    is(told($_), 'OK 4', '30 are told the same') for splice @waiting, 0, 30;
    is(told($_), 'OK 2', 'those of another length are not')
        for splice @waiting, 0, 2;
    is(told($waiting[0]), 'OK 4', 'nor those of another key');

    is(asked($fake, 'GET slow'), 1, 'it was got once');
    is(asked($fake, 'GETRANGE slow'), 1, '… and its beginning once');

    is(($t->command('/get', 'slow'))[1], 'slow', 'later');
    is(asked($fake, 'GET slow'), 2, '… it is got again');

    is(($t->command('/get-cancel', 'slow'))[1], 'slow',
       'a handler cancels another');

    @waiting = ask($t, ('/get-again?slow') x 5);
    is(told($_), 'OK 4', 'five get it again') for @waiting;
    is(asked($fake, 'GET slow'), 5, '… together');
});


with('who goes away', "$url $patient", sub {
    my ($t) = @_;

    my @waiting = ask($t, ('/get?slow') x 4);

    close $_ for splice @waiting, 0, 2;
    is(told($_), 'OK 4', 'takes nobody along') for @waiting;

    @waiting = ask($t, ('/get?slow') x 2);
    close $_ for @waiting;
    sleep 0.1;
    is($t->command('/get', 'slow'), 'OK 4', 'nor do all of them');
    is($t->shows(qw(open lost timeouts)), '0 0 0', 'no failures');
});


with('no value', "$url timeout=1s connect_timeout=2s", sub {
    my ($t) = @_;

    is($t->command('/get', $_), 'ERROR', $_) for qw(status array no);

    is($t->command('/get', 'long'), 'OK 100000', 'whole, and closed');

    for my $key ('cut', 'cut long') {
        $t->wait_for(up => 1);
        is($t->command('/get', $key), 'LOST', $key);
    }

    $t->wait_for(up => 1);

    my @waiting = ask($t, ('/get?hung') x 5);

    is(told($_), 'TIMEOUT', 'a time-out for all') for @waiting;

    $t->wait_for(up => 1);
    $t->command('/get', 'slow');
    $fake->stop;
    $t->wait_for(connected => 0);
    like($t->command('/get', 'slow'), qr/^(DOWN|OPEN)$/, 'down');
    $fake->start;
    ok(defined $t->wait_for(up => 1), 'up');
});


# From the handler of a reply, and from that of a command without one.

for my $case ([ 'a reply', 'slow', 'OK 4', 'LOST' ],
              [ 'a time-out', 'hung', 'TIMEOUT', 'TIMEOUT' ])
{
    my ($name, $key, $told, $after) = @$case;

    with("destroyed by the handler of $name", "$url timeout=1s", sub {
        my ($t) = @_;

        my $worker = $t->worker;
        my @waiting = ask($t, "/get?$key", "/get-destroy?$key",
                          ("/get?$key") x 2, '/command?GET&hung',
                          '/get?hung&2');

        is(told($waiting[0]), $told, 'who was told before');
        is(told($waiting[1]), $told, 'who destroys');
        is(told($_), 'LOST', 'who asked for the same') for @waiting[2, 3];
        is(told($_), $after, '… and for another') for @waiting[4, 5];

        is($t->get('/status')->{status}, 500, 'there is none any more');
        is($t->get('/static')->{body}, "here\n", 'and all is well');
        is($t->worker, $worker, '… with the same worker');
    });
}


# Those before it in the queue, and in none: it is not connected.

with('destroyed while down', "$url timeout=1s", sub {
    my ($t) = @_;

    $fake->stop;
    $t->wait_for(connected => 0);

    my @waiting = ask($t, ('/get-destroy?slow') x 2);

    like(told($waiting[0]), qr/^(DOWN|OPEN)$/, 'who destroys');
    told($waiting[1]);
    is($t->get('/static')->{body}, "here\n", 'all is well');
    $fake->start;
});


with('the end of a worker', "$url timeout=5s", sub {
    my ($t) = @_;

    my @waiting = ask($t, ('/get?hung') x 3, '/get?slow');

    kill 'TERM', $t->{pid};
    sleep 0.2;
});


done_testing();
