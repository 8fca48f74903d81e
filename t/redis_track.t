# The connection by which Redis tells what has changed: what is told, how soon
# its loss is, and that nothing which comes on it holds the worker up.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use File::Temp ();
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

        $t->start("$args; redis_test_track on");
        $code->($t);
        $t->done;
    };
}


my $redis = Test::Redis->server;
my $url = 'redis://' . $redis->address;
my $patient = 'timeout=5s connect_timeout=2s';

with('what changes', "$url $patient prefix=p:", sub {
    my ($t) = @_;

    ok(defined $t->wait_for('/track', on => 1), 'it tells');
    is($t->shows('/track', 'server'), $url, '… which server');

    $redis->command('SET', 'p:page:{a}', 1);
    ok(defined $t->wait_for('/track', key => 'page:{a}'), 'a key is set');

    $redis->command('HSET', 'p:desk:b', 'c', 1);
    ok(defined $t->wait_for('/track', key => 'desk:b'), 'a field is');

    $redis->command('SET', $_, 1) for qw(page:{a} p:pages p:article:x q:page:);
    $redis->command('DEL', 'p:page:{a}');
    ok(defined $t->wait_for('/track', key => 'page:{a}'), 'a key is deleted');
    is($t->shows('/track', 'told_key'), 3, '… and no other was told');

    $redis->command('SET', 'p:page:', 1, 'PX', 100);
    ok(defined $t->wait_for('/track', told_key => 5), 'a key expires');
    is($t->shows('/track', 'key'), 'page:', '… and is told by its name');

    $redis->command('FLUSHALL');
    ok(defined $t->wait_for('/track', told_flushed => 1), 'all is flushed');
    is($t->shows('/track', qw(told_on told_off lost)), '1 0 0', 'all is well');

    sleep 1.2;
    ok($t->status('/track')->{silent} < 500, 'PING is answered');
    is($t->shows('/track', qw(on lost)), '1 0', '… and keeps it alive');
});


with('ten thousand keys at once', "$url $patient prefix=p:", sub {
    my ($t) = @_;

    $t->wait_for('/track', on => 1);

    my @keys = map { sprintf 'p:page:{https://localhost/some/page/%05d}', $_ }
                   1 .. 10_000;
    my $worst = 0;

    $redis->command('MSET', map { ($_, 1) } @keys);

    for (1 .. 20) {
        my $began = time;
        my $r = $t->get('/static');
        my $took = time - $began;

        $worst = $took if $took > $worst || $r->{body} ne "here\n";
    }

    ok($worst < 0.2, "others are served in $worst s at the worst");
    ok(defined $t->wait_for('/track', keys => 10_000), 'all are told');
    is($t->shows('/track', 'key'), substr($keys[-1], 2, 64), '… in order');
    is($t->shows('/track', qw(told_key lost)), '10000 0', '… and no more');
});


with('a server that is away', "$url timeout=1s connect_timeout=500ms", sub {
    my ($t) = @_;

    $t->wait_for('/track', on => 1);

    my $descriptors = $t->descriptors;

    $redis->command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    ok(defined $t->wait_for('/track', told_off => 1), 'it is told of the loss');
    ok(defined $t->wait_for('/track', told_on => 2), '… and of the next');

    # a loss is said once a second
    sleep 1.1;

    $redis->pause;
    my $began = time;
    $t->wait_for('/track', told_off => 2);
    my $took = time - $began;
    ok($took > 0.45 && $took < 0.8 + SLACK, "silence is seen after $took s");
    like($t->log, qr/does not tell any more what changes: no answer in time/,
         '… and said');
    $redis->resume;
    ok(defined $t->wait_for('/track', told_on => 3), '… until it is over');

    sleep 1.1;
    $redis->stop;
    ok(defined $t->wait_for('/track', told_off => 3), 'it is gone');
    sleep 2.5;

    my $said = $t->said(qr/cannot tell what changes: .*refused/);
    ok($said >= 1 && $said <= 4, "it is said once a second: $said times");
    is($t->shows('/track', qw(on server)), '0 ', 'none is shown');

    $redis->start;
    $took = $t->wait_for('/track', told_on => 4);
    ok(defined $took && $took < 1 + SLACK, "back after $took s");
    $t->wait_for(connected => 1);
    is($t->descriptors, $descriptors, 'no descriptor is left');
});


with('a worker that is held up', "$url timeout=5s", sub {
    my ($t) = @_;

    my $worker = $t->worker;

    $t->wait_for('/track', on => 1);
    sleep 0.4;
    kill 'STOP', $worker;
    sleep 1.5;
    kill 'CONT', $worker;
    sleep 0.5;
    is($t->shows('/track', qw(on lost)), '1 0',
       'does not take it for the server');
});


my $dir = File::Temp::tempdir('track-XXXXXX', TMPDIR => 1, CLEANUP => 1);

chmod 0755, $dir;
spew("$dir/password", "s\@cret\n");
spew("$dir/hidden", "hidden\n");

my $guarded = Test::Redis->server('requirepass s@cret',
    'user all on >ed-pass ~* &* +@all',
    'user no-channel on >ed-pass ~* resetchannels +@all',
    'user no-tracking on >ed-pass ~* &* +@all -client|tracking',
    'user least on >ed-pass ~* resetchannels &__redis__:invalidate -@all '
    . '+client|id +client|tracking +subscribe');

for my $server ('redis://all:ed-pass@' . $guarded->address,
                'redis://least:ed-pass@' . $guarded->address,
                'redis://' . $guarded->address . " password_file=$dir/password",
                'unix:' . $guarded->path . " password_file=$dir/password")
{
    with("let in: $server", "$server $patient", sub {
        my ($t) = @_;

        ok(defined $t->wait_for('/track', on => 1), 'it tells');
        sleep 1;
        is($t->shows('/track', qw(on lost)), '1 0', '… and lives');
    });
}


for ([ 'redis://no-channel:ed-pass@', qr/SUBSCRIBE: "NOPERM .*channel/ ],
     [ 'redis://no-tracking:ed-pass@', qr/CLIENT TRACKING: "NOPERM / ],
     [ 'redis://all:wrong-pass@',     qr/AUTH: "WRONGPASS"/ ],
     [ 'redis://',                    qr/PING: "NOAUTH / ])
{
    my ($server, $why) = @$_;

    with("not let in: $server", "$server" . $guarded->address . " $patient",
         sub
    {
        my ($t) = @_;

        sleep 0.5;
        is($t->shows('/track', qw(on told_on told_off)), '0 0 0', 'not told');
        like($t->log, qr/\[warn\].*cannot tell what changes: $why/,
             '… and it is said why');
        unlike($t->log, qr/(ed|wrong)-pass/, '… without the password');
    });
}


my $fake = Test::Redis->fake;

my $channel = "\$20\r\n__redis__:invalidate\r\n";
my $listens = "*3\r\n\$9\r\nsubscribe\r\n$channel:1\r\n";
my $message = "*3\r\n\$7\r\nmessage\r\n$channel";
my $key = "\$16\r\neditorial:page:x\r\n";

my %greets = ('CLIENT ID' => ":7\r\n", 'CLIENT TRACKING' => "+OK\r\n",
              SUBSCRIBE => $listens, PING => "+PONG\r\n",
              ROLE => "*3\r\n\$6\r\nmaster\r\n:0\r\n*0\r\n");

$fake->answer(%greets);
$url = 'redis://' . $fake->address;


# Whatever does not greet as a Redis does is not listened to.

for ([ 'CLIENT ID', "-NOPERM no\r\n", qr/CLIENT ID: "NOPERM no"/ ],
     [ 'CLIENT ID', "+OK\r\n",        qr/not answer as Redis does/ ],
     [ 'CLIENT ID', "-ERR unknown command\r\n", qr/CLIENT ID: "ERR unkn/ ],
     [ 'CLIENT TRACKING', "-NOPERM no\r\n", qr/CLIENT TRACKING: "NOPERM no"/ ],
     [ 'CLIENT TRACKING', [ \1 ],      qr/no answer in time/ ],
     [ 'SUBSCRIBE', "-NOPERM no\r\n", qr/SUBSCRIBE: "NOPERM no"/ ],
     [ 'SUBSCRIBE', [],               qr/no answer in time/ ],
     [ 'SUBSCRIBE', "*3\r\n\$9\r\nsub", qr/no answer in time/ ],
     [ 'SUBSCRIBE', [ undef ],        qr/the server closed it/ ],
     [ 'PING', "-LOADING Redis\r\n",  qr/PING: "LOADING Redis"/ ],
     [ 'PING', 'HTTP/1.1 400 Bad',    qr/got "H" as reply type/ ])
{
    my ($words, $answer, $why) = @$_;

    $fake->answer($words => $answer);

    with("$words: $why", "$url connect_timeout=300ms", sub {
        my ($t) = @_;

        sleep 0.5 + SLACK;
        is($t->shows('/track', 'told_on'), 0, 'it does not tell');
        like($t->log, qr/\[warn\].*cannot tell what changes: .*$why/, '… why');

        $fake->answer(%greets);
        ok(defined $t->wait_for('/track', on => 1), '… until all is well');
    });
}


# What comes behind the greeting, when that is told to be the end, and which.

my @faults = (
    [ 'nothing',         [ \3 ],                           'no answer in time' ],
    [ 'half a message',  [ "$message*2\r\n${key}\$9\r\nab", \3 ],
                                                           'no answer in time' ],
    [ 'closed',          [ undef ],                        'the server closed' ],
    [ 'garbage',         [ "HTTP/1.1 400 Bad Request\r\n" ], 'got "H"' ],
    [ 'a bad length',    [ "$message*1\r\n\$abc\r\n" ],    'Bad bulk|Protocol' ],
    [ 'another reply',   [ ":1\r\n" ],                     'as Redis does' ],
    [ 'another array',   [ "*4\r\n:1\r\n" ],               'as Redis does' ],
    [ 'an error',        [ "-ERR no\r\n" ],                'as Redis does' ],
    [ 'another greeting', [ $listens ],                    'as Redis does' ],
    [ 'a line without an end', [ '+' . 'x' x 200_000 ],    'too long' ],
    [ 'half a gigabyte', [ "$message*1\r\n\$536870912\r\n" . 'x' x 200_000 ],
                                                           'too long' ],
    [ '2^31 keys',       [ "$message*2147483647\r\n$key", undef ],
                                                           'the server closed' ],
    [ 'nested arrays',   [ "*1\r\n" x 20, undef ],         'nested|closed' ],
);

for (@faults) {
    my ($name, $parts, $why) = @$_;

    $fake->answer(SUBSCRIBE => [ $listens, "$message*1\r\n$key", @$parts ]);

    with("told $name", "$url connect_timeout=500ms", sub {
        my ($t) = @_;
        my $began = time;

        ok(defined $t->wait_for('/track', told_off => qr/[1-9]/),
           'it is lost');
        ok(time - $began < 1 + SLACK, '… in time');
        like($t->log, qr/does not tell any more what changes: .*($why)/,
             '… and it is said why');
        is($t->shows('/track', 'key'), 'page:x', '… what was told is');

        $fake->answer(%greets);
        ok(defined $t->wait_for('/track', on => 1), '… until all is well');
    });
}


# What is not meant for us is nothing to us; nor is a PING that is forbidden.

$fake->answer(PING => "-NOPERM this user\r\n", SUBSCRIBE =>
    [ $listens, "*3\r\n\$7\r\nmessage\r\n\$5\r\nother\r\n*1\r\n$key",
      "$message*1\r\n\$6\r\nother:\r\n", "$message*0\r\n",
      map { ($_, \0.01) } split //, "$message*1\r\n$key$message*-1\r\n" ]);

with('others', "$url $patient", sub {
    my ($t) = @_;

    ok(defined $t->wait_for('/track', told_flushed => 1), 'byte by byte');
    is($t->shows('/track', 'told_key'), 1, '… and no more');
    sleep 1.2;
    is($t->shows('/track', qw(on lost)), '1 0', 'it lives');
});


$fake->answer(%greets);

my $second = Test::Redis->fake;

$second->answer(%greets, ROLE => "*5\r\n\$5\r\nslave\r\n\$1\r\nx\r\n:1\r\n"
                                 . "\$9\r\nconnected\r\n:1\r\n");

my $other = 'redis://' . $second->address;

with('several servers', "$other $url $patient fail_timeout=1s", sub {
    my ($t) = @_;

    ok(defined $t->wait_for('/track', server => $url),
       'a replica is passed over');
    like($t->log, qr/it cannot be written to, its role is: "slave"/,
         '… and it is said');

    sleep 2.5;
    is($t->shows('/track', qw(server told_on lost)), "$url 1 0",
       'looking for a better one changes nothing');

    $second->answer(%greets);
    ok(defined $t->wait_for('/track', server => $other), 'it is promoted');
    is($t->shows('/track', qw(told_on told_off)), '2 1', '… and that is told');

    $second->stop;
    ok(defined $t->wait_for('/track', server => $url), 'it is gone');
    is($t->shows('/track', qw(told_on told_off)), '3 2', '… and that is told');
    $second->start;
});


for my $event (qw(on key flushed off)) {

    $fake->answer(SUBSCRIBE => [ $listens, \0.3, "$message*3\r\n$key$key$key"
                                 . "$message*-1\r\n$message*1\r\n$key",
                                 $event eq 'off' ? undef : () ]);

    with("destroyed when told $event", "$url $patient", sub {
        my ($t) = @_;

        if ($event eq 'on') {
            # the first may have been told already
            $t->wait_for('/track', on => 1);
            $t->get("/track-destroy?$event");
            $fake->stop;
            $fake->start;

        } else {
            $t->get("/track-destroy?$event");
        }

        ok(defined $t->wait_for('/track', track => 0), 'it is');

        my %told = %{ $t->status('/track') };
        sleep 0.5;
        is_deeply({ %{ $t->status('/track') }, silent => 0 },
                  { %told, silent => 0 }, '… and nothing is told any more');
        is($told{told_flushed}, $event eq 'key' || $event eq 'on' ? 0 : 1,
           '… from within') unless $event eq 'on';
    });
}


$fake->answer(%greets);

for my $server ($url, 'redis://127.0.0.1:1') {

    with("reload, and end, with $server", "$server $patient", sub {
        my ($t) = @_;

        sleep 0.3;
        my $worker = $t->worker;

        $t->reload;
        sleep 0.5;
        isnt($t->worker, $worker, 'the next worker');
        is($t->shows('/track', 'on'), $server eq $url ? 1 : 0,
           '… has its own');

        $t->get('/track-destroy');
        is($t->shows('/track', 'track'), 0, 'it is destroyed');
    });
}


done_testing();
