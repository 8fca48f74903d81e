#!/usr/bin/perl

# What editors switch while others do so, too, and while Redis, a worker or
# the editor goes away in the middle of it: two servers, one Redis.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;
use Test::Editorial;
use Test::Redis;
use Time::HiRes qw(sleep time);

use constant {
    TOGGLES => 100,
    ROUNDS  => 20,
    RELOADS => 200,                      # changes, while it is reloaded
    AGREE   => 8,                        # connections in a row
    TIMEOUT => 1,                        # seconds, of Redis
    SEEN    => 1,                        # seconds until a change is seen
    SLACK   => 0.5,                      # … that a busy machine may add
};

my $redis = Test::Redis->server;
my $one = Test::Editorial->new(workers => 2, redis => $redis);
my $two = Test::Editorial->new(workers => 2, redis => $redis, origin => $one);
my $dir = $one->dir;

# A change of this server is held on its way to Redis while there is a file
# "hold"; then there is "held".

my $between = Test::Redis->fake(before => $redis, first => sub {
    return if "@_" !~ /XADD/ || !-e "$dir/hold";
    spew("$dir/held", '');
    sleep 0.01 while -e "$dir/hold";
});
my $far = Test::Editorial->new(workers => 2, redis => $between,
                               origin => $one);

my $feature = 'desks/opinion/read_more';
my $desk = 'editorial:desk:opinion';
my $article = 'article?id=/story';
my $record = 'editorial:article:/story';

$one->origin('/page' => { body => article(n => 40),
                          headers => ['Cache-Control: max-age=600'] });

my $conf = <<'END';
editorial_zone pages:4m;
editorial_redis %%REDIS%% timeout=1s connect_timeout=1s;

server {
    listen %%PORT%% reuseport;

    editorial on;
    editorial_cache on;
    editorial_desk opinion;
    editorial_read_more box;
    editorial_read_more bold;

    location / {
        proxy_pass http://%%ORIGIN%%;
        add_header X-Variants $editorial_variants always;
        add_header X-Status $editorial_status always;
        add_header X-Pid $pid always;
    }

    location /console/ {
        editorial_console user=$http_x_user;
    }
}
END

$_->run($conf) for $one, $two;

ok($redis->wait_for_clients(4, 2), 'connected');


# A state that tells itself from all others, and what a state or a record of
# that name is called.

sub test {
    return qq({"mode":"test","id":"$_[0]","weights":{"box":1,"off":1}});
}

sub text { return qq({"disclaimer":"$_[0]"}) }

sub named {
    my ($json) = @_;

    $json = JSON::PP::decode_json($json || '{}') unless ref $json;
    $json = $json->{state} if $json->{state};

    return $json->{id} || $json->{disclaimer} || '';
}

sub state_in_redis { return $redis->command('HGET', $desk, 'read_more') }

sub record_in_redis { return $redis->command('GET', $record) }

# What the server says, or all of its workers do.

sub state_of { return named($_[0]->api('GET', $feature)->{json}) }

# The audit as it is in Redis: entries, oldest first.

sub audit { return map { { id => $_->[0], @{ $_->[1] } } }
                   @{ $redis->command('XRANGE', 'editorial:audit', '-', '+') } }

sub audited {
    my %n;

    $n{ $_->{user} }++ for audit();

    return \%n;
}

sub change {
    my ($server, $user, @headers) = @_;

    return [ $server, 'PUT', $feature, test($user), "X-User: $user",
             @headers ];
}

# Every server says what Redis says: how long until then.

sub boards_agree {
    my ($name, @servers) = @_;

    my $took = eventually(sub {
        my $name = named(state_in_redis());
        return !grep { state_of($_) ne $name } @servers;
    }, 5);

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    cmp_ok(defined $took ? $took : 99, '<', SEEN + SLACK, $name)
        or diag(join ', ', state_in_redis() || 'none',
                           map { state_of($_) } @servers);
}

# What the audit says was made last, of a state.

sub last_audited {
    my ($last) = reverse grep { $_->{action} eq 'state' } audit();

    return $last->{after};
}


# One switches, the other's readers see it

{
    my (@took, %pids);
    my ($made, $hits) = (0, 0);

    eventually(sub { $two->get('/page')->{headers}{'x-status'} eq 'HIT' });

    my $asked = $one->asked('/page');

    for my $i (1 .. TOGGLES) {
        my ($body, $shown) = $i % 2
            ? ('{"mode":"off"}', qr/^read_more=off/)
            : ('{"mode":"on","variant":"bold"}', qr/^read_more=bold/);
        my $began = time;
        my $seen = 99;

        $made++ if $one->api('PUT', $feature, $body)->{status} == 200;

        eventually(sub {
            for my $n (1 .. AGREE) {
                my $r = $two->get('/page');

                return if $r->{headers}{'x-variants'} !~ $shown;
                $seen = time - $began if $n == 1;
                $hits++ if $r->{headers}{'x-status'} eq 'HIT';
                $pids{ $r->{headers}{'x-pid'} }++;
            }
            return 1;
        }, 5) or $seen = 99;

        push @took, $seen;
    }

    @took = sort { $a <=> $b } @took;

    is($made, TOGGLES, TOGGLES . ' toggles through one server');
    is(scalar keys %pids, 2, '... are seen by both workers of the other');
    cmp_ok($took[-2], '<', SEEN, '... 99 % of them within a second');
    cmp_ok($took[-1], '<', SEEN + SLACK, '... always');
    is($one->asked('/page'), $asked, '... without the origin');
    cmp_ok($hits, '>=', TOGGLES * AGREE, '... the page is still stored');
    is($redis->command('XLEN', 'editorial:audit'), TOGGLES,
       '... all are in the audit');
    diag sprintf 'a toggle: %.0f ms, 99 %% within %.0f ms, at most %.0f ms',
         map { $_ * 1000 } @took[@took / 2, -2, -1];
}


# Two editors who have seen the same

for (['a state on one server', $one, $one], ['... through two', $one, $two]) {
    my ($name, @servers) = @$_;

    race($name, \@servers, $feature, \&test, \&state_in_redis);
    boards_agree('... which both servers show in a second', $one, $two);
}

for (['a record on one server', $one, $one], ['... through two', $one, $two])
{
    my ($name, @servers) = @$_;

    race($name, \@servers, $article, \&text, \&record_in_redis);
    $redis->command('DEL', $record);
}

# ... and those who do not care: what holds is what was made last

{
    my @wrong;

    for my $round (1 .. ROUNDS) {
        my @r = Test::Editorial::together(
            map { change($one, "careless-$round-$_") } 1 .. 3);

        push @wrong, $round if grep { $_->{status} != 200 } @r;
    }

    is("@wrong", '', 'three without a condition: all are made');

    my $n = audited();

    is(scalar(grep { /^careless/ && $n->{$_} == 1 } keys %$n), 3 * ROUNDS,
       '... each is in the audit once');
    is(last_audited(), state_in_redis(), '... the last of it holds');
    boards_agree('... and all show that', $one, $two);
}


# Redis hangs

{
    my ($before, $entries) = (state_in_redis(), scalar audit());

    $one->api('PUT', $article, text('before'));
    $entries++;

    $redis->pause;

    my @r = Test::Editorial::together([ $one, 'PUT', $feature, test('hung') ],
                     [ $one, 'PUT', 'desks/opinion/paused', 'true' ],
                     [ $one, 'PUT', $article, text('hung') ],
                     [ $one, 'DELETE', $feature ],
                     [ $two, 'DELETE', $article ]);

    for (['a state', shift @r], ['a pause', shift @r], ['a record', shift @r],
         ['DELETE of a state', shift @r], ['... of a record', shift @r])
    {
        my ($name, $r) = @$_;

        refused($r, "$name, while Redis hangs", qr/nothing was changed$/);
    }

    is(state_of($one), named($before), '... nothing is shown as changed');

    my $woken = time;

    $redis->resume;

    my $took = eventually(sub {
        $one->api('PUT', $article, text('after'))->{status} == 200
    }, 5);

    cmp_ok($took, '<', SEEN + SLACK, 'when it goes on, so do they');
    sleep 0.2;
    is(state_in_redis(), $before, '... the state is as it was');
    is($redis->command('HGET', $desk, 'paused'), undef,
       '... so is the pause');
    is(named(record_in_redis()), 'after', '... the record is the new one');
    is(scalar(audit()), $entries + 1, '... one entry is in the audit');
}


# The editor hangs up

{
    my %made;

    for my $round (1 .. ROUNDS) {
        my $user = "gone-$round";

        if ($round % 4 == 0) {
            hang_up($one, 'DELETE', $feature, undef, "X-User: $user");

        } else {
            hang_up($one, 'PUT', $feature, test($user), "X-User: $user");
        }

        eventually(sub { $made{$user} = audited()->{$user} }, 2);
    }

    is(scalar(grep { $_ && $_ == 1 } values %made), ROUNDS,
       'a client that hangs up: all is done, and in the audit once');

    eventually(sub { scalar audited()->{'gone-' . ROUNDS} });
    is(last_audited(), 'null', '... in order');
    is(state_in_redis(), undef, '... the last of it holds');
    boards_agree('... and is shown', $one, $two);
}


# The worker that answers is killed

{
    my ($broken, $twice, $unsaid) = (0, 0, 0);

    for my $round (1 .. 6) {
        my $user = "killed-$round";
        my $c = $one->connection;

        Test::Editorial::put($c, $one->api_request('PUT', $feature,
                                                   test($user),
                                                   "X-User: $user"));
        sleep $round * 0.0005;
        kill 'KILL', $one->workers;

        my $answered = Test::Editorial::rest($c) =~ /^HTTP\S+ 200/;

        sleep 0.05;

        my $n = audited()->{$user} || 0;

        $broken++ if last_audited() ne (state_in_redis() || 'null');
        $twice++ if $n > 1;
        $unsaid++ if $answered && $n != 1;

        eventually(sub { $one->api('PUT', $feature, test("between-$round"))
                             ->{status} == 200 });
    }

    is($broken, 0, 'killed workers: state and audit are one');
    is($twice, 0, '... nothing is done twice');
    is($unsaid, 0, '... what was answered is in the audit');
    boards_agree('... what holds is shown', $one, $two);
}


# Reloads

{
    my (%status, @made);

    for my $n (1 .. RELOADS / 4) {
        my @users = map { "reload-$n-$_" } 1 .. 4;
        my @r = Test::Editorial::together(map { change($one, $_) } @users);

        $status{ $_->{status} }++ for @r;
        push @made, map { $r[$_]{status} == 200 ? $users[$_] : () } 0 .. 3;
        $one->reload if $n % 20 == 10;
    }

    my $n = audited();

    is(join(' ', grep { $_ !~ /^(?:200|503)$/ } keys %status), '',
       'reloads in the middle of ' . RELOADS . ': no call is lost');
    is(scalar(grep { $n->{$_} && $n->{$_} == 1 } @made), scalar @made,
       '... what was answered is in the audit once');
    is(scalar(grep { /^reload/ } keys %$n), scalar @made,
       '... and nothing else');
    cmp_ok(scalar @made, '>=', RELOADS * 0.9, '... and nearly all is done');
    boards_agree('... the last of it holds', $one, $two);
    diag join ', ', map { "$_: $status{$_} times" } sort keys %status;
}


# Between look and change

$far->run($conf);
ok(defined eventually(sub {
    $far->api('PUT', $feature, test('far'))->{status} == 200
}), 'a server whose Redis is far away');

held('Redis hangs', sub {
    my ($c) = @_;
    my $before = state_in_redis();
    my $began = time;

    $redis->pause;
    release();

    my $r = answer($c);

    $r->{took} = time - $began;
    refused($r, '... this', qr/whether it was changed is not known$/);
    $redis->resume;
    sleep 0.3;
    is(state_in_redis(), $before, '... it is not made later');
    is(last_audited(), $before, '... nor in the audit');
    eventually(sub { $far->api('GET', $article)->{status} == 200 });
});

held('its client hangs up', sub {
    my ($c, $user) = @_;

    close $c;
    sleep 0.05;
    release();
    made_once($user);
});

held('its server is reloaded', sub {
    my ($c, $user) = @_;

    $far->reload;
    sleep 0.2;
    release();
    is(answer($c)->{status}, 200, '... it is answered');
    made_once($user);
});

held('its worker is killed', sub {
    my ($c, $user) = @_;

    kill 'KILL', $far->workers;
    release();
    made_once($user);
});

held('its worker is killed, and Redis is slow', sub {
    my ($c, $user) = @_;
    my $before = state_in_redis();

    kill 'KILL', $far->workers;
    sleep TIMEOUT + 0.1;
    release();
    sleep 0.2;
    is(state_in_redis(), $before, '... it is not made later');
    is(audited()->{$user}, undef, '... nor in the audit');
});

held('Redis is killed', sub {
    my ($c) = @_;

    $redis->stop('KILL');
    release();
    refused(answer($c), '... this', qr/whether it was changed is not known$/);
    $redis->start;
});

empty_again('... and when it is back');

# ... and wherever it may be

for my $round (1 .. 3) {
    my $c = $one->connection;

    Test::Editorial::put($c, $one->api_request('PUT', $feature,
                                               test("lost-$round")));
    sleep $round * 0.0005;
    $redis->stop('KILL');

    my $r = answer($c);

    like($r->{status}, qr/^(?:200|503)$/, 'Redis is killed while it is asked');
    $redis->start;
    empty_again("... $r->{status}");
}

$_->allow(qr/exited on signal 9|prematurely closed/) for $one, $two, $far;
$one->done($two, $far);


# Both send their own value, with the ETag of what they have seen: one of them
# makes it, and what holds is his; ROUNDS times.

sub race {
    my ($name, $servers, $path, $value, $in_redis) = @_;

    my $now = $servers->[0]->api('GET', $path);
    my $condition = $now->{status} == 404 ? 'If-None-Match: *'
                    : "If-Match: $now->{headers}{etag}";
    my ($fair, $right, $shown) = (0, 0, 0);
    my (@made, @refused);

    for my $round (1 .. ROUNDS) {
        my @users = map { "$path-$name-$round-$_" =~ s/[^\w-]+/-/gr } 0, 1;
        my @r = Test::Editorial::together(map { [ $servers->[$_], 'PUT', $path,
                                 $value->($users[$_]), $condition,
                                 "X-User: $users[$_]" ] } 0, 1);
        my ($won) = grep { $r[$_]{status} == 200 } 0, 1;
        my @lost = grep { $_->{status} == 412 } @r;

        $won = 0 unless defined $won;

        $fair++ if $r[$won]{status} == 200 && @lost == 1;
        $right++ if named($in_redis->()) eq $users[$won];
        $shown++ if named($servers->[$won]->api('GET', $path)->{json})
                    eq $users[$won];

        push @made, $users[$won];
        push @refused, $users[!$won];
        $condition = "If-Match: $r[$won]{headers}{etag}";
    }

    my $n = audited();

    is($fair, ROUNDS, "two editors, $name: one of them is told 412");
    is($right, ROUNDS, "... what holds is the other's");
    is($shown, ROUNDS, '... as his server says at once');
    is(scalar(grep { $n->{$_} && $n->{$_} == 1 } @made), ROUNDS,
       '... it is in the audit, once');
    is(scalar(grep { $n->{$_} } @refused), 0, '... and the refused is not');
}


# 503, a problem, in time.

sub refused {
    my ($r, $name, $detail) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    is($r->{status}, 503, "$name is refused");
    is($r->{headers}{'content-type'}, 'application/problem+json',
       '... a problem');
    like($r->{json}{detail}, $detail, '... says what became of it');
    cmp_ok($r->{took}, '<', TIMEOUT + SLACK, '... in time')
        if defined $r->{took};
}


# A change through the far server, held before Redis has it; code gets the
# connection and the user.

sub held {
    my ($what, $code) = @_;

    my $user = "held: $what" =~ s/\W+/-/gr;
    my $c = $far->connection;

    unlink "$dir/held";
    spew("$dir/hold", '');
    Test::Editorial::put($c, $far->api_request('PUT', $feature, test($user),
                                               "X-User: $user"));
    ok(defined eventually(sub { -e "$dir/held" }),
       "$what, between look and change");
    $code->($c, $user);
    unlink "$dir/hold";
    eventually(sub {
        $far->api('PUT', $feature, test('far'))->{status} == 200
    }, 3);
}


sub release { unlink "$dir/hold" }


sub made_once {
    my ($user) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    ok(defined eventually(sub { named(state_in_redis()) eq $user }, 2),
       '... it is made');
    is(audited()->{$user}, 1, '... once');
    boards_agree('... and shown', $one, $two);
}


sub answer {
    my ($c) = @_;

    my ($r) = Test::Editorial::responses(Test::Editorial::rest($c), 'PUT');

    return Test::Editorial::told($r);
}


sub hang_up {
    my ($server, @call) = @_;

    my $c = $server->connection;

    Test::Editorial::put($c, $server->api_request(@call));
    close $c;
}


# Redis has begun anew: whatever is shown is what it has, and goes on from
# there.

sub empty_again {
    my ($name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    boards_agree("$name, what is shown is what it has", $one, $two);

    my $took = eventually(sub {
        $two->api('PUT', $feature, test('again'))->{status} == 200
    }, 5);

    ok(defined $took, '... it is changed again');
    boards_agree('... for all', $one, $two);
}
