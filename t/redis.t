# The client of Redis, where all is well: the directive, commands, several
# servers, and the end of a worker.
#
# Seen through a module of its own, t/redis, which sends commands by HTTP.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use File::Temp ();
use Test::More;
use Time::HiRes qw(sleep);

use Test::Editorial;
use Test::Redis;
use Test::Redis::Nginx;


# A test with an nginx that has these arguments of the directive.

sub with {
    my ($name, $args, $code) = @_;

    subtest $name => sub {
        my $t = Test::Redis::Nginx->new;

        $t->start($args);
        $code->($t);
        $t->done;
    };
}


subtest 'the directive' => sub {
    my $t = Test::Redis::Nginx->new;
    my $dir = $t->dir;

    spew("$dir/password", "secret\n");
    spew("$dir/empty", "\n");

    my @wrong = (
        [ '',                            qr/names no server/ ],
        [ 'prefix=a:',                   qr/names no server/ ],
        [ '127.0.0.1:6379',              qr/neither a parameter nor/ ],
        [ 'rediss://127.0.0.1',          qr/TLS to Redis is not supported/ ],
        [ 'redis://',                    qr/no host/ ],
        [ 'redis://127.0.0.1:0',         qr/invalid port/ ],
        [ 'redis://127.0.0.1:99999',     qr/invalid port/ ],
        [ 'redis://127.0.0.1/x',         qr/not a database's number/ ],
        [ 'redis://127.0.0.1/1/2',       qr/not a database's number/ ],
        [ 'redis://no-such.invalid',     qr/host not found/ ],
        [ 'redis://u@127.0.0.1',         qr/a user without a password/ ],
        [ 'redis://u:@127.0.0.1',        qr/its password is empty/ ],
        [ 'redis://unix:/x',             qr/a socket is "unix:\/PATH"/ ],
        [ 'unix:',                       qr/no path/ ],
        [ 'redis://x cluster=on',        qr/Cluster is not supported/ ],
        [ 'redis://x cluster=1',         qr/neither "on" nor "off"/ ],
        [ 'redis://x timeout=0',         qr/it is not a time/ ],
        [ 'redis://x timeout=x',         qr/it is not a time/ ],
        [ 'redis://x connect_timeout=',  qr/its value is empty/ ],
        [ 'redis://x fail_timeout=1ms',  qr/not a time in seconds/ ],
        [ 'redis://x max_fails=-1',      qr/it is not a number/ ],
        [ 'redis://x timeout=1s timeout=2s',
                                         qr/it is there twice/ ],
        [ 'redis://127.0.0.1 bogus=1',   qr/neither a parameter nor/ ],
        [ "redis://x password_file=$dir/none",
                                         qr/open\(\) "\S+none" failed/ ],
        [ "redis://x password_file=$dir/empty",
                                         qr/the file is empty/ ],
    );

    for (@wrong) {
        my ($args, $expected) = @$_;
        my ($passed, $said) = $t->check_directive($args);

        ok(!$passed && $said =~ $expected && $said =~ /check\.conf:\d+/,
           "refused: $args") or diag $said;
    }

    my @right = (
        'redis://127.0.0.1', 'redis://localhost:6380/3', 'redis://[::1]:6380',
        'unix:/tmp/redis.sock', 'redis://:p%40ss@127.0.0.1/',
        'redis://u:p@127.0.0.1:1 unix:/x prefix=p: connect_timeout=1s '
        . 'timeout=10ms max_fails=0 fail_timeout=1m cluster=off',
        "redis://u\@127.0.0.1 password_file=$dir/password",
    );

    for my $args (@right) {
        my ($passed, $said) = $t->check_directive($args);

        ok($passed, "accepted: $args") or diag $said;
    }

    for my $url ('redis://u:hidden@127.0.0.1/x', 'rediss://:hidden@x',
                 'http://:hidden@x', 'redis://:hid@den@x:y',
                 'redis://:hid/den@x:y', ':hidden@x')
    {
        my ($passed, $said) = $t->check_directive($url);

        ok(!$passed && $said !~ /hid/, 'no password is shown') or diag $said;
    }

    $t->done;
};


my $redis = Test::Redis->server('requirepass s@cret',
                                'user ed on >ed-pass ~* +@all');

my $patient = 'timeout=2s connect_timeout=2s';

with('commands', 'redis://:s%40cret@' . $redis->address . "/2 $patient", sub {
    my ($t) = @_;

    ok(defined $t->wait_for(connected => 1), 'connected');
    is($t->shows('server'), 'redis://' . $redis->address . '/2',
       'the URL is shown without its password');

    is($t->command('SET', 'key', "a\0b\r\n"), 'OK status 2', 'SET');
    is_deeply([ ($t->command('GET', 'key'))[0, 1] ],
              [ 'OK string 5', "a\0b\r\n" ], 'GET');
    is($t->command('GET', 'none'), 'OK nil 0', 'nil');
    is($t->command('INCR', 'number'), 'OK integer 1', 'a number');
    is($t->command('LRANGE', 'none', 0, -1), 'OK array 0', 'an array');
    like($t->command('NONE', 'x'), qr/^ERROR error/, 'an error');
    like(($t->command('GET'))[1], qr/^ERR wrong number/, '… in its words');
    is($t->command('/again', 'INCR', 'number'), 'OK integer 3',
       'a handler may send a command');
    is($t->command('/cancel', 'INCR', 'number'), 'OK integer 5',
       'a command is cancelled');

    my $text = 'x' x 4_000;

    is($t->command('SETRANGE', 'large', 8_000_000, $text),
       'OK integer 8004000', 'a large value is made');

    my @got = $t->command('GET', 'large');

    ok($got[0] eq 'OK string 8004000' && substr($got[1], -4_000) eq $text,
       '… and read');

    my @many = map { $_->{body} =~ /integer (\d+)/ }
                   $t->parallel(100, '/command?INCR&number');

    is_deeply([ sort { $a <=> $b } @many ], [ 6 .. 105 ], 'a hundred at once');

    my $status = $t->status;

    is($status->{commands}, $status->{replies}, 'as many replies as commands');
    is($t->shows(qw(up open lost timeouts refused)), '1 0 0 0 0',
       'no failures');

    unlike($t->log, qr/cret/, 'no password in the log');
});


my $files = File::Temp::tempdir('redis-XXXXXX', TMPDIR => 1, CLEANUP => 1);

chmod 0755, $files;
spew("$files/default", 's@cret');
spew("$files/ed", "ed-pass\n");

for my $args ('unix:' . $redis->path . " password_file=$files/default",
              'redis://ed@' . $redis->address . " password_file=$files/ed",
              'redis://ed:ed-pass@' . $redis->address)
{
    with("let in: $args", "$args $patient", sub {
        my ($t) = @_;

        ok(defined $t->wait_for(connected => 1), 'connected');
        is($t->command('GET', 'none'), 'OK nil 0', 'a command');
    });
}


with('a wrong password', 'redis://ed:hidden@' . $redis->address, sub {
    my ($t) = @_;

    ok(defined $t->wait_for(open => 1), 'the breaker opens');
    is($t->command('GET', 'key'), 'OPEN', '… and no command is sent');
    like($t->log, qr/is not used: AUTH: "WRONGPASS"/, '… and it is said');
    unlike($t->log, qr/hidden/, '… without the password');
});


my ($first, $second) = map { Test::Redis->fake } 1 .. 2;
my ($one, $two) = map { 'redis://' . $_->address } $first, $second;

my $master = "*3\r\n\$6\r\nmaster\r\n:0\r\n*0\r\n";
my $replica = "*2\r\n\$5\r\nslave\r\n:0\r\n";
my $readonly = "-READONLY You can't write against a read only replica.\r\n";

$first->answer('GET key' => "+first\r\n", 'SET key' => $readonly,
               ROLE => $replica);
$second->answer('GET key' => "+second\r\n", 'SET key' => $readonly);

with('several servers',
     "$one $two timeout=2s connect_timeout=1s fail_timeout=1s", sub
{
    my ($t) = @_;

    ok(defined $t->wait_for(up => 1), 'connected');
    is(($t->command('GET', 'key'))[1], 'second', 'a replica is passed over');
    like($t->log, qr/it cannot be written to, its role is: "slave"/,
         '… and it is said');

    $first->answer(ROLE => $master);
    ok(defined $t->wait_for(server => $one), 'the first is promoted');
    is(($t->command('GET', 'key'))[1], 'first', '… and used');
    is($t->shows('lost'), 0, '… and nothing is lost');

    $first->answer(ROLE => $replica);
    like($t->command('SET', 'key'), qr/^ERROR/, 'it is demoted');
    ok(defined $t->wait_for(server => $two), '… and the second used');
    is(($t->command('GET', 'key'))[1], 'second', '… for the next');

    $first->answer(ROLE => $master);
    $t->wait_for(server => $one);
    $first->stop;
    ok(defined $t->wait_for(server => $two), 'the first is gone');
    is(($t->command('GET', 'key'))[1], 'second', '… and the second used');

    $first->start;
    ok(defined $t->wait_for(server => $one), 'the first is there again');

    $_->stop for $first, $second;
    ok(defined $t->wait_for(up => 0), 'none is there');
    is($t->shows('server'), '', '… and none is shown');

    $second->start;
    ok(defined $t->wait_for(server => $two), 'one is');
});


$second->answer(ROLE => $replica);

with('a replica alone', "$two $patient", sub {
    my ($t) = @_;

    ok(defined $t->wait_for(up => 1), 'is used');
    like($t->command('SET', 'key'), qr/^ERROR/, '… for what it is good for');
    is(($t->command('GET', 'key'))[1], 'second', '… and goes on being so');
    is($t->shows('connections'), 1, '… on one connection');
});


$second->answer('GET slow' => [ \1, "+slow\r\n" ], 'GET hung' => []);

with('reload, and end', "$two timeout=5s connect_timeout=2s", sub {
    my ($t) = @_;

    my ($slow, $hung) = map { $t->connection } 1 .. 2;

    $t->wait_for(connected => 1);

    Test::Editorial::put($slow, "GET /command?GET&slow HTTP/1.0\r\n\r\n");
    sleep 0.2;
    $t->reload;

    {
        local $/;
        like(scalar <$slow>, qr/\r\n\r\nOK status 4\nslow\z/,
             'a reload waits for a reply');
    }

    ok(defined $t->wait_for(connected => 1), 'the next worker has its own');

    Test::Editorial::put($hung, "GET /command?GET&hung HTTP/1.0\r\n\r\n");
    sleep 0.2;
    kill 'TERM', $t->{pid};
    sleep 0.2;
});


done_testing();
