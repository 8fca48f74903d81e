#!/usr/bin/perl

# Two web servers, one Redis: together they ask the origin once, and what
# changes in Redis, by whomever, both see within a second.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use List::Util qw(max);
use Test::More;
use Test::Editorial;
use Test::Redis;
use Time::HiRes qw(sleep time);

use constant {
    SLOW  => 0.5,                        # seconds that the origin takes
    TRIES => 30,
    SEEN  => 1,                          # seconds until a change is seen
    SLACK => 0.5,                        # … that a busy machine may add
};

my $redis = Test::Redis->server;
my $one = Test::Editorial->new(workers => 2, redis => $redis);
my $two = Test::Editorial->new(workers => 2, redis => $redis, origin => $one);
my @both = ($one, $two);
my $dir = $one->dir;
my $page = article(n => 60);

# a page says its version, which stands in a file

sub now { spew("$dir/now.new", $_[0]); rename "$dir/now.new", "$dir/now" }

now(0);

my $versioned = sub {
    my $version = slurp("$dir/now");

    $one->send_page($_[0], {
        body => $page =~ s/A story/Version $version./r,
        headers => ['Cache-Control: max-age=600'] });
};

my $slowly_as = sub {
    my ($answer) = @_;

    return sub {
        sleep SLOW;
        $one->send_page($_[0], { body => $page, %$answer });
    };
};

my $slowly = $slowly_as->({});

$one->origin(map({ ("/slow/$_" => $slowly) } 1 .. 3),
             map({ ("/page/$_" => $versioned) } 1 .. 10),
             map({ my $path = $_;
                   ($path => sub {
                        return $slowly->(@_) if -e "$dir$path";
                        spew("$dir$path", '');
                        sleep 10;
                    }) } '/hangs', '/killed'),
             '/private' => $slowly_as->({
                 headers => ['Cache-Control: private'] }),
             '/failed' => $slowly_as->({ status => '503 Sorry' }),
             '/cut' => $slowly_as->({ cut => 1 }));

my $conf = <<'END';
editorial_redis %%REDIS%% timeout=1s connect_timeout=1s;
editorial_zone pages:4m;

server {
    listen %%PORT%%;

    editorial on;
    editorial_opinion 1;
    editorial_cache on;
    editorial_cache_bypass $http_x_refresh;

    location / {
        editorial_cache_lock_timeout 2s;
        proxy_pass http://%%ORIGIN%%;
        add_header X-Status $editorial_status always;
        add_header X-Tier $editorial_tier always;
    }
}
END

$_->run($conf) for @both;

ok($redis->wait_for_clients(4, 2), 'connected');

sub key { return ($_[1] || 'page') . ":{http://localhost$_[0]}" }

sub version { return $_[0]{body} =~ /Version (\d+)\./ ? $1 : -1 }

sub kept { return $redis->command('EXISTS', 'editorial:' . key($_[0])) }


# nothing is stored, and all come at once

my $best = 99;

for my $n (1 .. 3) {
    my @r = $one->parallel(64, "/slow/$n", { among => \@both });
    my $slowest = max map { $_->{took} } @r;

    is($one->asked("/slow/$n"), 1,
       "/slow/$n: 64 at once on two servers, one request to the origin");
    is(scalar(grep { $_->{status} == 200 && stripped($_->{body}) eq $page }
                   @r), 64, '... all get the page');

    my @fetched = grep { $_->{headers}{'x-status'} eq 'MISS' } @r;

    is(scalar @fetched, 1, '... one of them fetched it');
    cmp_ok($slowest, '<', $fetched[0]{took} * 1.1 + 0.25,
           '... the others waited little longer than that one');

    $best = $slowest if $slowest < $best;
    diag sprintf '%s: slowest %.0f ms', "/slow/$n", $slowest * 1000;
}

cmp_ok($best, '<', SLOW * 1.1 + 0.2, '... and than the origin took');

# what turns out not to be for all: nobody waits any longer, on no server

for my $path ('/private', '/failed', '/cut') {
    my @r = $one->parallel(32, $path, { among => \@both });

    cmp_ok($one->asked($path), '>=', 16, "$path: they ask for themselves");
    cmp_ok(max(map { $_->{took} } @r), '<', 2 * SLOW + 2 * SLACK,
           '... as soon as that is known');
    is(kept($path), 0, '... nothing is stored');
}

# one server hangs with it, or dies: the other does not wait for ever

for my $path ('/hangs', '/killed') {
    my $stuck = $one->connection;

    Test::Editorial::put($stuck, "GET $path HTTP/1.1\r\n"
                                 . "Host: localhost\r\n\r\n");
    eventually(sub { $one->asked($path) });
    $path eq '/killed' and kill 'KILL', $one->workers;

    my @r = $two->parallel(4, $path);

    is(scalar(grep { $_->{status} == 200 && stripped($_->{body}) eq $page }
                   @r), 4, "$path: the other server has the page");
    cmp_ok(max(map { $_->{took} } @r), '<', 2 + SLOW + 2 * SLACK,
           '... when it has been waited for long enough');
    close $stuck;
}

ok($redis->wait_for_clients(4, 2), 'connected again');


# How long until both servers have that version of a page; undef: never.

sub seen {
    my ($path, $version) = @_;

    my %left = map { ($_ => $_) } @both;

    return eventually(sub {
        for my $server (values %left) {
            delete $left{$server} if version($server->get($path)) == $version;
        }
        return !%left;
    }, 5);
}

# What is done when the origin has a new version of a page that both hold in
# memory is seen by both: how long it took, tries times.

sub seen_after {
    my ($name, $path, $tries, $code) = @_;
    my @took;

    for my $try (1 .. $tries) {
        my $version = slurp("$dir/now");

        seen($path, $version);
        eventually(sub { kept($path) }, 3);
        eventually(sub { $_->get($path)->{headers}{'x-tier'} eq 'memory' }, 3)
            for @both;

        now($version + 1);
        $code->();

        my $took = seen($path, $version + 1);

        push @took, defined $took ? $took : 99;
    }

    @took = sort { $a <=> $b } @took;

    # the last of them may have met a pause of the machine
    cmp_ok($took[@took > 9 ? -2 : -1], '<', SEEN,
           "$name: seen by both within a second");
    cmp_ok($took[-1], '<', SEEN + SLACK, '... always');
    diag sprintf '%s: %.0f ms, at most %.0f ms', $name,
         $took[@took / 2] * 1000, $took[-1] * 1000;
}

seen_after('a deleted page', '/page/1', TRIES, sub {
    $redis->command('DEL', 'editorial:' . key('/page/1'));
});

seen_after('an expired page', '/page/2', 3, sub {
    $redis->command('PEXPIRE', 'editorial:' . key('/page/2'), 1);
});

seen_after('a page that is not one', '/page/3', 3, sub {
    $redis->command('SET', 'editorial:' . key('/page/3'), 'no page');
});

seen_after('a page refreshed on one server', '/page/4', 5, sub {
    $one->get('/page/4', 'X-Refresh: 1');
});

seen_after('FLUSHALL', '/page/5', 3, sub { $redis->command('FLUSHALL') });

seen_after('a generation', '/page/6', 3, sub {
    $redis->command('INCR', 'editorial:gen');
});


# Records: both show what it says, and the origin is not asked.

sub record {
    my ($path, $title) = @_;

    $redis->command('SET', "editorial:article:$path",
                    '{"read_more":[{"url":"/x","title":"' . $title
                    . '","after":2}]}');
}

my $path = '/page/7';
my $current = slurp("$dir/now");

seen($path, $current);

my $asked = $one->asked($path);
my @took;

for my $try (1 .. TRIES) {
    record($path, "Title $try,");

    my %left = map { ($_ => $_) } @both;
    my $took = eventually(sub {
        for my $server (values %left) {
            delete $left{$server}
                if $server->get($path)->{body} =~ />Title $try,</;
        }
        return !%left;
    }, 5);

    push @took, defined $took ? $took : 99;
}

@took = sort { $a <=> $b } @took;
cmp_ok($took[-2], '<', SEEN, 'an edited record: seen by both in a second');
cmp_ok($took[-1], '<', SEEN + SLACK, '... always');
is($one->asked($path), $asked, '... without the origin');
diag sprintf 'an edited record: %.0f ms, at most %.0f ms',
     $took[@took / 2] * 1000, $took[-1] * 1000;


# The client of Redis by which a server is told what changes, and the worker
# that has it.

sub told {
    my ($server) = @_;

    my %owner;

    for my $pid ($server->workers) {
        for (glob "/proc/$pid/fd/*") {
            my ($inode) = (readlink || '') =~ /^socket:\[(\d+)\]/ or next;
            $owner{$inode} = $pid;
        }
    }

    my %pid;

    for (split /\n/, slurp('/proc/net/tcp')) {
        my (undef, $local, undef, @rest) = split;
        my ($port, $inode) = ($local =~ /:(\w+)$/, $rest[6]);

        $pid{hex $port} = $owner{$inode} if $inode && $owner{$inode};
    }

    for my $client ($redis->clients) {
        my ($port) = $client->{addr} =~ /:(\d+)$/;

        return { id => $client->{id}, pid => $pid{$port} }
            if $client->{sub} && $pid{$port};
    }

    return;
}

# Whatever became of it, another is there in a second, and nothing that was
# learnt before is served that has changed meanwhile.

sub survives {
    my ($name, $path, $code) = @_;

    for my $try (1 .. 3) {
        my $version = slurp("$dir/now");
        my $before;

        seen($path, $version);
        eventually(sub { kept($path) }, 3);
        eventually(sub { $two->get($path)->{headers}{'x-tier'} eq 'memory' },
                   3);
        ok(defined eventually(sub { $before = told($two) }, 3),
           "$name: a worker is told");

        my $began = time;

        $code->($before);
        now($version + 1);
        $redis->command('DEL', 'editorial:' . key($path));

        my $seen = eventually(sub {
            version($two->get($path)) == $version + 1;
        }, 5);

        cmp_ok(defined $seen ? time - $began : 99, '<', SEEN + SLACK,
               '... what changed then is seen');

        my $after;
        my $took = eventually(sub {
            $after = told($two);
            $after && $after->{id} ne $before->{id};
        }, 5);

        ok(defined $took, '... another is told');
        cmp_ok(time - $began, '<', SEEN + 2 * SLACK, '... within a second');
    }
}

survives('its worker killed', '/page/8', sub {
    kill 'KILL', $_[0]{pid};
});

survives('its connection killed', '/page/9', sub {
    $redis->command('CLIENT', 'KILL', 'ID', $_[0]{id});
});

seen_after('after all that', '/page/10', 5, sub {
    $redis->command('DEL', 'editorial:' . key('/page/10'));
});

is(scalar(grep { $_->{sub} } $redis->clients), 2,
   'one connection a server is told');

$_->allow(qr/exited on signal 9|prematurely closed/) for @both;
$one->done($two);
