# The guard of kept keys: what it finds, and what it says, of a Redis that may
# lose what editors did.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Time::HiRes qw(sleep);

use Test::Editorial;
use Test::Redis;
use Test::Redis::Nginx;

use constant {
    EVICTS  => 1,
    FORGETS => 2,
    UNKNOWN => 4,
};


# What is found, and the warnings.

sub asked {
    my ($t) = @_;

    $t->wait_for(up => 1);

    my $before = length $t->log;

    $t->get('/guard');

    for (1 .. 50) {
        my $said = substr $t->log, $before;

        return ($1, join '', grep { /\[warn\]/ } split /^/, $said)
            if $said =~ /problems: (\d+)/;

        sleep 0.02;
    }

    return ('', join '', grep { /\[warn\]/ } split /^/, $t->log);
}


my $redis = Test::Redis->server('user least on >ed-pass ~* &* -@all +ping +get',
    'user info on >ed-pass ~* &* -@all +ping +info');

my @cases = (
    [ 'nothing is kept',        { save => '', appendonly => 'no' }, FORGETS ],
    [ 'snapshots',              { save => '3600 1' }, 0 ],
    [ 'an AOF',                 { save => '', appendonly => 'yes' }, 0 ],
    [ 'a policy, but no limit', { 'maxmemory-policy' => 'allkeys-lru' }, 0 ],
    [ 'a policy and a limit',   { maxmemory => '100mb' }, EVICTS ],
    [ 'another policy',   { 'maxmemory-policy' => 'allkeys-random' }, EVICTS ],
    [ 'volatile-lru',     { 'maxmemory-policy' => 'volatile-lru' }, 0 ],
    [ 'volatile-ttl',     { 'maxmemory-policy' => 'volatile-ttl' }, 0 ],
    [ 'noeviction',       { 'maxmemory-policy' => 'noeviction' }, 0 ],
    [ 'both', { 'maxmemory-policy' => 'allkeys-lfu', appendonly => 'no' },
      EVICTS | FORGETS ],
);

subtest 'what is configured' => sub {
    my $t = Test::Redis::Nginx->new;

    $t->start('redis://' . $redis->address
              . ' timeout=5s connect_timeout=2s');

    for (@cases) {
        my ($name, $conf, $problems) = @$_;

        $redis->command('CONFIG', 'SET', $_, $conf->{$_}) for sort keys %$conf;

        my ($found, $said) = asked($t);

        is($found, $problems, $name);
        is(scalar($said =~ /may evict .*policy is "allkeys-/),
           $problems & EVICTS ? 1 : '', '… eviction is said, or not');
        is(scalar($said =~ /forgets what editors did/),
           $problems & FORGETS ? 1 : '', '… forgetting is said, or not');
        is(scalar(() = $said =~ /\n/g), $problems == 3 ? 2 : $problems ? 1 : 0,
           '… and nothing else');
    }

    $t->done;
};


# Who may not ask.

for ([ 'least', 'no', UNKNOWN ], [ 'info', 'no', UNKNOWN ],
     [ 'info', 'yes', 0 ])
{
    my ($user, $aof, $problems) = @$_;

    subtest "the user $user, appendonly $aof" => sub {
        my $t = Test::Redis::Nginx->new;

        $redis->command('CONFIG', 'SET', 'maxmemory', 0);
        $redis->command('CONFIG', 'SET', 'appendonly', $aof);
        $t->start("redis://$user:ed-pass\@" . $redis->address
                  . ' timeout=5s connect_timeout=2s');

        my ($found, $said) = asked($t);

        is($found, $problems, 'is told so');

        if ($problems) {
            like($said, qr/is not known whether .* it says "NOPERM /,
                 '… in the words of Redis');

        } else {
            like($said, qr/\A.* says "NOPERM .*config\|get.*\n\z/,
                 '… and no more than what Redis refuses');
        }

        $t->done;
    };
}


# No answer, or half of one, is no news.

my $fake = Test::Redis->fake;

my $info = "# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\n";
my $bulk = '$' . length($info) . "\r\n$info\r\n";

for my $case ([ 'LOADING', "-LOADING Redis is loading\r\n", '' ],
              [ 'closed', [ undef ], '' ],
              [ 'nothing', [ \2 ], '' ],
              [ 'another type', ":1\r\n", UNKNOWN ],
              [ 'another array', "*0\r\n", UNKNOWN ],
              [ 'a nil', "\$-1\r\n", UNKNOWN ])
{
    my ($name, $answer, $problems) = @$case;

    subtest "answered with $name" => sub {
        my $t = Test::Redis::Nginx->new;

        $fake->answer('INFO memory' => $bulk, 'CONFIG GET' => $answer,
                      'INFO persistence' => "\$15\r\naof_enabled:0\r\n\r\n");
        $t->start('redis://' . $fake->address
                  . ' timeout=300ms connect_timeout=2s');
        is((asked($t))[0], $problems, 'the CONFIG');

        $fake->answer('INFO memory' => $answer,
                      'CONFIG GET' => "*2\r\n\$4\r\nsave\r\n\$1\r\nx\r\n");
        is((asked($t))[0], $problems, 'the INFO');

        $t->done;
    };
}


done_testing();
