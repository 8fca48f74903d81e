#!/usr/bin/perl

# conf-examples/demo: its pages, records that are edited, again at once, and
# nothing left behind.

use strict;
use warnings;

use Encode ();
use File::Temp ();
use FindBin;
use lib "$FindBin::Bin/lib";

use IO::Socket::INET;
use Test::More;
use Test::Editorial qw(eventually);
use Test::Relay;

my $demo = "$FindBin::Bin/../conf-examples/demo";
my @taken = map { Test::Editorial::free_port() } 1 .. 2;
my ($port, $redis_port) = map { $_->{port} } @taken;
my $bucket = 0;

$ENV{WORK} = File::Temp::tempdir('editorial-demo-XXXXXX', TMPDIR => 1,
                                 CLEANUP => 1);
$ENV{PORT} = $port;
$ENV{REDIS_PORT} = $redis_port;

END {
    my $status = $?;
    system "$demo --stop > /dev/null";
    $? = $status;
}

my $said = `$demo 2>&1`;
is($?, 0, 'it starts') or diag($said);

like($said, qr{http://localhost:$port/opinion/}, 'and says where');

# a test runs on the desk of news: here is a visitor who gets boxes

my $tested = '/news/tarn-bridge-closed-again.html';

for (1 .. 100) {
    $bucket = $_;
    last if get($tested) =~ m{read_more/box};
}

like(get($tested), qr{<span data-editorial-test="read_more"></span>},
     'a test runs');
like(get($tested), qr{^Cache-Control: private, no-cache\r?$}m,
     '... of which no other cache keeps a page');
like(get('/beacon?desk=news'), qr/"read_more"/, '... and the script is told');

my @commands = $said =~ /^ +(redis-cli .*)/mg;
my ($test) = $said =~ /^ +(curl .*)/m;

my $site = "$FindBin::Bin/../conf-examples/site";
my @pages = map { s/^\Q$site\E//r } glob "$site/*/*.html";
my %head;
my %page = map { $_ => get($_) }
    ($said =~ m{http://localhost:$port(/\S*)}g, @pages,
     map { "/plain$_" } @pages);

for my $path (sort keys %page) {
    like($page{$path}, qr{^HTTP/1\.1 200 }, $path);
    ($head{$path}, $page{$path}) = split /\r\n\r\n/, $page{$path}, 2;
}

my ($index) = $page{'/'};

for my $path (grep { !m{^/embeds/} } @pages) {
    like($index, qr/href="\Q$path\E"/, "the index has $path");
    like($index, qr/href="\/plain\Q$path\E"/, '... as its CMS serves it too');
}

# asked for again, a page comes from memory, in any edition

$said = get('/opinion/night-ferry.html');
like($said, qr/^Cache-Status: editorial; hit; /m, 'it is kept');

$said = get('/opinion/night-ferry.html?editorial=pull_quote:off');
like($said, qr/^Cache-Status: editorial; hit; /m, 'another edition is too');
unlike($said, qr/pull_quote\/quote/, '... without quotes');
like($said, qr/read_more\/box/, '... with boxes');

# what each page gets

my $box = 'read_more/box';
my $quote = 'pull_quote/quote pull_quote/quote';
my $note = 'disclaimer/standard';
my %furniture = (
    '/opinion/night-ferry.html' => "$box $quote $box $quote $note",
    '/opinion/reading-room.html' => "$box $quote $box $note",
    '/unedited/opinion/reading-room.html' => $note,
    '/columns/bells.html' => 'disclaimer/courier',
    '/news/tarn-bridge-closed-again.html' => $box,
    '/news/harbour-board-without-a-harbour.html' => '',
    '/news/toll-house-beds.html' => "$box $box",
    '/live/spring-storm.html' => "$box $box $quote $box",
    '/unedited/live/spring-storm.html' => "$box $quote $box",
    '/ar/harbour-cafe.html' => "$box $quote $note",
    '/ru/winter-market.html' => "$quote $box $note",
    '/embeds/tide.html' => '',
    '/embeds/roads.html' => '',
);

$page{$_} ||= (split /\r\n\r\n/, get($_), 2)[1] for keys %furniture;

is_deeply([sort grep { !m{^/unedited/} } keys %furniture], [sort @pages],
          'no page is forgotten');

# links that share a tag come a moment after the first reader

my $related = '/news/toll-house-beds.html';

ok(defined eventually(sub { get($related) =~ m{<aside [^>]*read_more/box} }, 5),
   'a report whose CMS names no link gets some');

$page{$related} = (split /\r\n\r\n/, get($related), 2)[1];

is_deeply([$page{$related} =~ m{<aside[^>]*>.*?<a href="([^"]*)"}g],
          ['/opinion/night-ferry.html', '/news/tarn-bridge-closed-again.html'],
          '... the newest first');

for my $path (sort keys %furniture) {
    my $name = $path =~ s/^\/unedited//r;
    my $plain = Test::Editorial::slurp("$site$name");

    is(join(' ', $page{$path} =~ /data-editorial="([^"]*)"/g),
       $furniture{$path}, "$path has its furniture");
    ok(stripped($page{$path}, $plain) eq $plain,
       '... and every byte of the page');
    is(scalar(() = $page{$path} =~ /<link [^>]*furniture\.css"/g),
       $furniture{$path} ? 1 : 0, '... and a stylesheet, if any');

    if ($path eq $name) {
        ok($page{"/plain$path"} eq $plain, '... which its CMS serves plainly');
    }
}

is($page{'/dry-run/opinion/night-ferry.html'},
   $page{'/plain/opinion/night-ferry.html'}, 'a dry run changes nothing');
like($page{'/opinion/night-ferry.html'},
     qr{<link\ rel="stylesheet"\ href="(/furniture/\d+/furniture\.)css">
        <script\ src="\1js"\ defer\ data-desk="opinion"
        \ data-beacon="/beacon"></script><aside\ }x,
     'stylesheet and script are before the first piece');
like($page{'/columns/bells.html'},
     qr{</p><link[^>]*><script[^>]*></script><footer\ class="editorial-disclaimer"[^>]*
        disclaimer/courier}x,
     'the column has a disclaimer behind the biography');

# the record's own words

my $record = $page{'/opinion/reading-room.html'};

like($record, qr{her[ ]own[ ]view\ and\ not\ that\ of\ the\ Ellory\ Courier}x,
     'a record has a disclaimer in words of its own');
like($record, qr{<span class="editorial-label">Also before the council</span>},
     '... and a label');
like($record, qr{<mark [^>]*>A town that turns off the light},
     '... and a pull quote, marked in the text');

# a record that is edited, by the commands that the demo prints

my ($edited) = grep { m{/harbour-board-} } @pages;
my $box_of_record = qr{<aside class="editorial-read-more".*?Seven minutes};

is(scalar @commands, 2, 'it prints how a record is edited');
unlike(get($edited), $box_of_record, 'a page without a record');

for (['is set', $commands[0], 1], ['is taken away', $commands[1], 0]) {
    my ($what, $command, $expected) = @$_;

    like(`$command`, qr/^(?:OK|1)$/, "a record $what");

    my $took = eventually(sub {
        $expected == (get($edited) =~ $box_of_record);
    }, 5);

    ok(defined $took && $took < 1, '... which the page shows within a second');
    like(get($edited), qr/^Cache-Status: editorial; hit; /m,
         '... without its CMS');
}

# right to left

my @pieces = $page{'/ar/harbour-cafe.html'}
             =~ /(<[^>]*data-editorial=[^>]*>)/g;

is(join('', grep { !/^<mark/ && !/ dir="rtl"/ } @pieces), '',
   'pieces of a page in Arabic run from right to left');
like($page{'/ar/harbour-cafe.html'},
     qr{<p class="editorial-disclaimer"[^>]*>الآراء الواردة},
     '... and its disclaimer is in Arabic');

# windows-1251

my $cp1251 = $page{'/ru/winter-market.html'};

like($head{'/ru/winter-market.html'}, qr{^Content-Type: text/html\r?$}m,
     'the Russian page says by itself what its charset is');
ok(!utf8::decode(my $copy = $cp1251), '... which is not UTF-8');
is((Encode::decode('cp1251', $cp1251)
    =~ /<p class="editorial-disclaimer"[^>]*>(\w+ \w+)/)[0],
   Encode::decode('UTF-8', 'Мнение автора'), '... nor is what was added');
unlike($cp1251, qr/&#\d+;/, '... and no letter is a reference');

# nothing from elsewhere

for my $path (sort keys %page) {
    unlike($page{$path}, qr{\b(?:src|href|poster|action)="(?:\w+:)?//},
           "$path asks nobody else for anything");
}

# the stylesheet is the module's

my ($style) = $record =~ m{href="(/furniture/\d+/furniture\.css)"};

ok((split /\r\n\r\n/, get($style), 2)[1]
   eq Test::Editorial::slurp("$FindBin::Bin/../src/assets/furniture.css"),
   'the stylesheet is the one of the sources');

# every link of the pages leads somewhere

my %links = map { $_ => 1 } map { /(?:href|src|poster)="(\/[^"#]*)"/g }
                                values %page;

for my $path (sort keys %links) {
    like(get($path), qr{^HTTP/1\.1 200 }, "$path is there");
}

open my $log, '<', "$ENV{WORK}/access.log" or die "access.log: $!";
like(join('', <$log>),
     qr{200 /dry-run/opinion/night-ferry\.html OFF furniture=7 skip=""},
     'the log tells what the dry run would have done');

open $log, '<', "$ENV{WORK}/error.log" or die "error.log: $!";
is(join('', grep { /\[(?:error|crit|alert|emerg)\]/ } <$log>), '',
   'no errors');

# a test, by the command that the demo prints; the script and the beacon

my ($script) = $record =~ m{src="(/furniture/\d+/furniture\.js)"};

ok((split /\r\n\r\n/, get($script), 2)[1]
   eq Test::Editorial::slurp("$FindBin::Bin/../src/assets/furniture.js"),
   'the script is the one of the sources');
like(get('/beacon?desk=opinion'), qr/\{"tests":\{\}\}/, 'no test runs');
like(`$test -s`, qr/"mode":"test"/, 'a test begins');
ok(eventually(sub { get('/beacon?desk=opinion') =~ /"read_more":"/ }, 5),
   '... and runs');
like(get('/opinion/night-ferry.html'),
     qr/<span data-editorial-test="read_more"><\/span>/, '... on its pages');
like(get('/console/api/desks/opinion/read_more/results'),
     qr/"control":"box"/, '... its results can be asked for');

my @pids = pids();
is(scalar @pids, 2, 'nginx and Redis run');
`$commands[0]`;

$said = `$demo 2>&1`;
is($?, 0, 'it can be run again at once') or diag($said);
is(scalar(grep { my $pid = $_; grep { $_ == $pid } @pids } pids()), 0,
   'and starts afresh');
like(get('/'), qr{^HTTP/1\.1 200 }, 'on the same port');
unlike(get($edited), $box_of_record, 'what was edited is gone');

# what its first page says an editor may try, by one who counts his clicks

relay('an editor', 'node', "$FindBin::Bin/browser/demo.js",
      "http://localhost:$port");

@pids = pids();
is(scalar @pids, 2, 'nginx and Redis run again');
like(`$demo --stop`, qr/Stopped/, 'it can be stopped');
is(scalar(grep { kill 0, $_ } @pids), 0, 'and is gone');
is(get('/'), '', 'nothing listens');
ok(!IO::Socket::INET->new("127.0.0.1:$redis_port"), '... nor does Redis');

my @left = grep { (readlink("$_/cwd") || '') =~ /^\Q$ENV{WORK}\E/
                  || Test::Editorial::slurp("$_/cmdline") =~ /\Q$ENV{WORK}\E/ }
                glob '/proc/[0-9]*';

is(join(' ', @left), '', 'no process is left');
like(`$demo --stop`, qr/not running/, 'to stop it twice does no harm');

{
    local $ENV{EDITORIAL_MODULE} = '/dev/null';

    $said = `$demo 2>&1`;
    isnt($?, 0, 'where nginx does not start');
    like($said, qr/nginx refuses/, '... it says so');
    is(scalar pids(), 0, '... and leaves no Redis');
}

done_testing();


# Those of nginx and of Redis, where they run.

sub pids {
    return grep { $_ && kill 0, $_ }
           map { int(Test::Editorial::slurp("$ENV{WORK}/$_") || 0) }
           'nginx.pid', 'redis/pid';
}


# A page without its furniture: what was added goes, what was wrapped stays.

sub stripped {
    my ($page, $plain) = @_;

    $page =~ s{<aside\ [^>]*read_more/[^>]*>
               (?:<span.*?</a>|(<p>.*?</p>))</aside>}
              {defined $1 ? $1 : ''}sgxe;
    $page =~ s{<aside\ [^>]*pull_quote/[^>]*>
               <blockquote>(<p>.*?</p>)</blockquote></aside>}
              {index($plain, "\n$1\n") >= 0 ? $1 : ''}sgxe;
    $page =~ s{<div\ class="editorial-disclaimer"[^>]*>(<p>.*?</p>)</div>}
              {$1}sgx;
    $page =~ s{<link\ rel="stylesheet"\ href="/furniture/[^>]*>
              |<script\ src="/furniture/[^>]*></script>
              |<span\ data-editorial-test="\w+"></span>
              |<(p|footer)\ class="editorial-disclaimer".*?</\1>
              |<mark[^>]*>|</mark>}{}sgx;

    return $page;
}


sub get {
    my ($path) = @_;

    my $c = IO::Socket::INET->new("127.0.0.1:$port") or return '';

    print $c "GET $path HTTP/1.0\r\nHost: localhost\r\n"
             . "Cookie: editorial_bucket=$bucket\r\n\r\n";

    local $/;
    return scalar <$c>;
}
