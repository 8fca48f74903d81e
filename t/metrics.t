#!/usr/bin/perl

# editorial_metrics: every number moves when its event happens, and only then;
# all workers count together; a reload keeps the numbers; what is served is
# Prometheus' text format, version 0.0.4, line by line.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Test::Editorial;
use Time::HiRes qw(sleep);

my $t = Test::Editorial->new(workers => 2);
my $page = article(n => 12);
my $big = article(n => 600, words => 60);
my $long = article(n => 3000, words => 60);

# an origin that answers as the file of its name says

sub now { spew($t->dir . "/$_[0]", $_[1]) }

sub variable {
    my ($name, @headers) = @_;

    now($name, 'good');

    return sub {
        my ($c) = @_;

        return $t->send_page($c, slurp($t->dir . "/$name") eq 'good'
            ? { body => $page, headers => \@headers }
            : { status => '503 Sorry', body => 'sorry' });
    };
}

$t->origin(
    '/page' => { body => $page },
    '/many' => { body => $page },
    '/bare' => { body => '<!DOCTYPE html><p>no article</p>' },
    '/text' => { body => 'text', type => 'text/plain' },
    '/br' => { body => 'x', headers => ['Content-Encoding: br'] },
    '/size' => { body => article(n => 300) },
    '/cookie' => { body => $page, headers => ['Set-Cookie: a=1'] },
    '/private' => { body => $page, headers => ['Cache-Control: private'] },
    '/cut' => { body => $page, cut => 1 },
    '/gone' => { status => '503 Sorry', body => 'sorry' },
    '/stale' => variable('stale', 'Cache-Control: max-age=1, '
                                  . 'stale-while-revalidate=60'),
    '/expired' => variable('expired', 'Cache-Control: max-age=1, '
                                      . 'stale-while-revalidate=0'),
    '/failing' => variable('failing', 'Cache-Control: max-age=1, '
                                      . 'stale-while-revalidate=0, '
                                      . 'stale-if-error=60'),
    '/slow' => { body => $long },
    map({ ("/big$_" => { body => $big }) } 1 .. 16),
);

my $conf = <<'END';
editorial_zone pages:4m;
add_header X-Skip $editorial_skip always;

server {
    listen %%PORT%%;

    editorial on;
    editorial_cache on;
    editorial_preview $arg_preview;
    editorial_opinion 1;
    editorial_read_more box;
    editorial_read_more plain;

    location / {
        editorial_cache_bypass $arg_bypass;
        proxy_pass http://%%ORIGIN%%;
    }

    location /plain/ {
        editorial_desk news;
        editorial_cache off;
        proxy_pass http://%%ORIGIN%%/;
    }

    location /dry/ {
        editorial dry_run;
        editorial_desk dry;
        editorial_cache off;
        proxy_pass http://%%ORIGIN%%/;
    }

    location = /size {
        editorial_max_size 1k;
        proxy_pass http://%%ORIGIN%%;
    }

    location /off/ {
        editorial off;
        proxy_pass http://%%ORIGIN%%/;
    }

    location = /metrics {
        editorial_metrics;
    }

    location = /gzip {
        gzip on;
        gzip_types text/plain;
        gzip_min_length 0;
        editorial_metrics;
    }
}
END

$t->run($conf);

# What is served, by series, once it has been looked through.

sub metrics { my $r = $t->get('/metrics'); return parsed($r->{body}) }

sub parsed {
    my ($text) = @_;

    my (%value, %type, %help, $family, @wrong);

    push @wrong, 'no line feed at the end' unless $text =~ /\n\z/;

    for (split /\n/, $text) {

        if (/^# HELP ([a-z_:][a-z0-9_:]*) \S.*$/) {
            push @wrong, "help again: $_" if $help{$1}++;
            $family = $1;

        } elsif (/^# TYPE ([a-z_:][a-z0-9_:]*) (counter|gauge|histogram)$/) {
            my ($name, $type) = ($1, $2);

            push @wrong, "type again: $_" if $type{$name};
            push @wrong, "type without its help: $_" if $name ne $family;
            push @wrong, "a counter is a total: $_"
                if ($type eq 'counter') != ($name =~ /_total$/);
            $type{$name} = $type;

        } elsif (/^(([a-z_:][a-z0-9_:]*)(?:\{(\w+="(?:[^"\\]|\\["\\n])*"
                   (?:,\w+="(?:[^"\\]|\\["\\n])*")*)\})?)
                  \ (\d+(?:\.\d+)?)$/x)
        {
            my ($series, $name, $n) = ($1, $2, $4);

            $name =~ s/_(?:bucket|sum|count)$//
                if ($type{$family} || '') eq 'histogram';

            push @wrong, "not of its family: $_" if $name ne $family;
            push @wrong, "before its type: $_" unless $type{$name};
            push @wrong, "twice: $_" if exists $value{$series};
            $value{$series} = $n;

        } else {
            push @wrong, "no such line: $_";
        }
    }

    push @wrong, map { "no type: $_" } grep { !$type{$_} } keys %help;
    push @wrong, map { "no series: $_" }
                 grep { my $f = $_; !grep { /^$f(?:_|\{|$)/ } keys %value }
                 keys %type;
    push @wrong, histograms($text, \%type, \%value);

    is(join("\n", @wrong), '', 'Prometheus can read it') if @wrong;

    return \%value;
}

sub histograms {
    my ($text, $type, $value) = @_;
    my @wrong;

    for my $name (grep { $type->{$_} eq 'histogram' } keys %$type) {
        my ($before, $bound, $last) = (0, -1);

        while ($text =~ /^${name}_bucket\{le="(.*?)"\} (\d+)$/mg) {
            my ($le, $n) = ($1, $2);

            push @wrong, "$name: bounds rise: $le"
                unless $le eq '+Inf' || $le > $bound;
            push @wrong, "$name: behind +Inf" if defined $last;
            push @wrong, "$name: not cumulative at $le" if $n < $before;

            $last = $n if $le eq '+Inf';
            ($before, $bound) = ($n, $le) if $le ne '+Inf';
        }

        push @wrong, "$name: +Inf is the count"
            unless defined $last && $last == $value->{"${name}_count"};
        push @wrong, "$name: has a sum" unless defined $value->{"${name}_sum"};
    }

    return @wrong;
}

# Does what it is given, then: exactly these series have moved, by that much.
# Those that move when they like are left out.

my %exact = map { $_ => 1 } qw(lookups pages skipped variant_pages furniture
                               stored refused replans damaged origin_failures
                               refreshes handed_on log_lines_swallowed);

sub moves {
    my ($name, $code, %by) = @_;

    my $before = metrics();

    $code->();

    my ($diff, $want) = ('', moved(\%by));

    for (1 .. 250) {
        my $after = metrics();

        my %moved = map { s/^editorial_//r => $after->{$_}
                                              - ($before->{$_} || 0) }
                    grep { $after->{$_} != ($before->{$_} || 0) }
                    grep { /^editorial_(\w+?)_total/ && $exact{$1} }
                    keys %$after;

        $diff = moved(\%moved);
        last if $diff eq $want;
        sleep 0.02;
    }

    is($diff, $want, $name);
}

sub moved {
    my ($by) = @_;

    return join "\n", map { "$_ $by->{$_}" } sort keys %$by;
}

sub waits {
    my ($name, $code) = @_;
    my $ok;

    for (1 .. 250) {
        $ok = $code->(metrics()) and last;
        sleep 0.02;
    }

    ok($ok, $name);
}

sub lookup { "lookups_total{status=\"$_[0]\",tier=\"$_[1]\"}" }
sub skipped { "skipped_total{reason=\"$_[0]\"}" }
sub refused { "refused_total{reason=\"$_[0]\"}" }

sub of {
    my ($what, $desk, $feature, $variant) = @_;

    return "${what}_total{desk=\"$desk\",feature=\"$feature\","
           . "variant=\"$variant\"}";
}

# a page in its control, n times

sub sent {
    my ($desk, $n) = @_;

    return (pages_total => $n,
            of('variant_pages', $desk, 'read_more', 'box') => $n,
            of('variant_pages', $desk, 'pull_quote', 'quote') => $n,
            of('variant_pages', $desk, 'disclaimer', 'standard') => $n,
            of('furniture', $desk, 'read_more', 'box') => $n,
            of('furniture', $desk, 'disclaimer', 'standard') => $n);
}

# the response

my $r = $t->get('/metrics');
is($r->{status}, 200, 'GET');
is($r->{headers}{'content-type'},
   'text/plain; version=0.0.4; charset=utf-8', '... the type');
is($r->{headers}{'cache-control'}, 'no-store', '... is not to be stored');
is($r->{headers}{'cache-status'}, undef, '... was not looked up');
is($r->{headers}{'content-length'}, length $r->{body}, '... its length');
ok(parsed($r->{body}), '... and Prometheus can read it');

my %families = map { $_ => 1 } $r->{body} =~ /^# TYPE (\S+)/mg;
my ($table) = slurp("$FindBin::Bin/../README.md")
              =~ /^## Metrics\n(.*?)^## /ms;
my %labels;

while ($table =~ /^\| `(\w+)` \| \w+ \|([^|]*)\|/mg) {
    my ($name, $said) = ($1, $2);
    $labels{$name} = join ' ', $said =~ /`(\w+)`/g;
}

is_deeply([sort keys %families], [sort keys %labels],
          'all that the README has, no more');

for my $name (sort keys %labels) {
    my ($inner) = $r->{body} =~ /^$name(?:_bucket)?(?:\{(.*)\})? /m;
    my @keys = defined $inner ? $inner =~ /(\w+)="/g : ();

    is("@keys", $labels{$name}, "$name: its labels");
}

my $h = $t->head('/metrics');
is($h->{status}, 200, 'HEAD');
is($h->{body}, '', '... has no body');
cmp_ok($h->{headers}{'content-length'}, '>', 1000, '... but its length');

for my $method (qw(POST PUT DELETE)) {
    $r = $t->request($method, '/metrics', 'Content-Length: 0');
    is($r->{status}, 405, $method);
    is($r->{headers}{allow}, 'GET, HEAD', '... says what is allowed');
}

$r = $t->get('/gzip', 'Accept-Encoding: gzip');
is($r->{headers}{'content-encoding'}, 'gzip', 'nginx may compress it');
ok(parsed(gunzip($r->{body})), '... and it is the same');

# pages and what is kept of them

moves('nothing but a look at the numbers', sub {});

moves('a miss', sub { $t->get('/page') },
      lookup('miss', 'origin') => 1, stored_total => 1, sent('default', 1));

moves('hits', sub { $t->get('/page') for 1 .. 3 },
      lookup('hit', 'memory') => 3, sent('default', 3));

moves('a bypass', sub { $t->get('/page?bypass=1') },
      lookup('bypass', 'origin') => 1, stored_total => 1, sent('default', 1));

moves('HEAD: looked up, no page is sent', sub { $t->head('/page') },
      lookup('hit', 'memory') => 1, pages_total => 1);

my $etag = $t->get('/page')->{headers}{etag};

moves('304: the same', sub { $t->get('/page', "If-None-Match: $etag") },
      lookup('hit', 'memory') => 1, pages_total => 1);

moves('a preview is not counted by variant',
      sub { $t->get('/page?preview=1&editorial=read_more:plain') },
      lookup('miss', 'origin') => 1, stored_total => 1, pages_total => 1);

moves('another desk, without a cache', sub { $t->get('/plain/page') },
      sent('news', 1));

moves('a dry run', sub { $t->get('/dry/page') }, sent('dry', 1));

moves('off', sub { $t->get('/off/page') });

# left alone

moves('no article', sub { $t->get('/plain/bare') },
      skipped('no article') => 1);

moves('... from the cache too',
      sub { $t->get('/bare') for 1, 2 },
      skipped('no article') => 2, stored_total => 1,
      lookup('miss', 'origin') => 1, lookup('hit', 'memory') => 1);

moves('another type', sub { $t->get('/text') },
      skipped('type') => 1, refused('page') => 1,
      lookup('miss', 'origin') => 1);

moves('a coding', sub { $t->get('/plain/br') }, skipped('coding') => 1);

moves('another method',
      sub { $t->request('POST', '/plain/page', 'Content-Length: 0') },
      skipped('method') => 1);

# lines of the log: one a second, as many as fit between two ticks

my $swallowed = 0;

for (1 .. 5) {
    my $before = metrics();
    $t->get('/size') for 1 .. 10;
    waits('too large', sub {
        $_[0]{'editorial_skipped_total{reason="size"}'}
            == $before->{'editorial_skipped_total{reason="size"}'} + 10;
    });
    $swallowed = metrics()->{editorial_log_lines_swallowed_total}
        and last;
}

cmp_ok($swallowed, '>', 0, '... and lines that were swallowed');

# not kept

moves('a cookie', sub { $t->get('/cookie') },
      refused('set-cookie') => 1, lookup('miss', 'origin') => 1,
      sent('default', 1));

moves('private', sub { $t->get('/private') },
      refused('private') => 1, lookup('miss', 'origin') => 1,
      sent('default', 1));

moves('cut short, behind its article', sub { $t->get('/cut') },
      refused('incomplete') => 1, lookup('miss', 'origin') => 1,
      sent('default', 1));

moves('the origin fails', sub { $t->get('/gone') },
      origin_failures_total => 1, refused('origin-failed') => 1,
      skipped('status') => 1, lookup('miss', 'origin') => 1);

# stale

$t->get($_) for '/stale', '/expired', '/failing';
now('failing', 'bad');
sleep 2.2;

moves('stale: served, and refreshed', sub { $t->get('/stale') },
      lookup('stale', 'memory') => 1, refreshes_total => 1,
      stored_total => 1, sent('default', 1));

moves('expired', sub { $t->get('/expired') },
      lookup('expired', 'origin') => 1, stored_total => 1,
      sent('default', 1));

moves('the origin fails, the stale page is sent',
      sub { $t->get('/failing') },
      lookup('stale', 'memory') => 1, origin_failures_total => 1,
      sent('default', 1));

# time

my $m = metrics();
my $count = $m->{editorial_transform_seconds_count};

cmp_ok($count, '>', 10, 'pages were timed');
cmp_ok($m->{editorial_transform_seconds_sum}, '>', 0, '... took some time');
cmp_ok($m->{editorial_transform_seconds_sum}, '<', 5, '... but not much');

$t->get('/page');
is(metrics()->{editorial_transform_seconds_count}, $count,
   'a hit is not transformed');

$t->get('/plain/page');
waits('a page is timed once', sub {
    $_[0]{editorial_transform_seconds_count} == $count + 1;
});

# compression, and the zone

waits('pages are compressed', sub {
    $_[0]{editorial_compressed_total} > 0
        && $_[0]{editorial_compression_waiting} == 0;
});

$m = metrics();
cmp_ok($m->{editorial_compression_output_bytes_total}, '<',
       $m->{editorial_compression_input_bytes_total}, '... to less');
cmp_ok($m->{editorial_zone_pages}, '>=', 4, 'pages of the zone');
cmp_ok($m->{editorial_zone_blocks}, '>', 200, '... its blocks');
cmp_ok($m->{editorial_zone_blocks_free}, '<', $m->{editorial_zone_blocks},
       '... not all of them free');
is($m->{editorial_zone_blocks_pinned}, 0, '... none pinned');
is($m->{editorial_zone_evictions_total}, 0, '... no one put out');

# a reader who does not read: the fetch is taken over

my $slow = $t->connection(rcvbuf => 2048);
syswrite $slow, "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n";

# …, as somebody waits

my $waiting = $t->connection;
syswrite $waiting, "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n";

waits('a slow reader', sub { $_[0]{editorial_handed_on_total} == 1 });
close $_ for $slow, $waiting;

$t->get("/big$_") for 1 .. 16;
waits('a full zone', sub { $_[0]{editorial_zone_evictions_total} > 0 });

# workers

$t->get('/many');

moves('two workers count together', sub {
          for (1 .. 40) {
              $t->parallel(5, '/many');
          }
      },
      lookup('hit', 'memory') => 200, sent('default', 200));

# a reload keeps the numbers, under another configuration too

my $before = metrics();

$conf =~ s/editorial_read_more box;/editorial_read_more crate;/;
spew($t->dir . '/nginx.conf', $t->conf($conf));
$t->reload;

waits('a reload brings new rows', sub {
    exists $_[0]{'editorial_' . of('furniture', 'default', 'read_more',
                                   'crate')};
});

# the workers before it may still answer
sleep 0.5;

my $after = metrics();
is(join(' ', grep { !defined $after->{$_} || $after->{$_} < $before->{$_} }
             grep { !/zone_(?!.*_total)|waiting/ } keys %$before),
   '', '... and keeps all numbers');
cmp_ok($after->{'editorial_pages_total'}, '>', 200, '... that there were');

my %crate = sent('default', 1);

s/"box"/"crate"/ for my @crate = %crate;
%crate = @crate;

moves('a stored page is planned again', sub { $t->get('/many') },
      lookup('replan', 'memory') => 1, replans_total => 1, %crate);

# a page that is damaged in the zone

SKIP: {
    damage('http://localhost/many') or skip 'no access to the memory', 1;

    $t->allow(qr/the stored page of .* is damaged/);

    moves('a damaged page', sub { $t->get('/many') },
          damaged_total => 1, lookup('miss', 'origin') => 1, %crate);
}

# wrong configurations

for my $wrong (['editorial_metrics on;', qr/invalid number of arguments/],
               ['editorial_metrics; editorial_metrics;', qr/is duplicate/])
{
    my ($ok, $said) = $t->check("server { listen %%PORT%%; "
                                . "location / { $wrong->[0] } }");
    ok(!$ok, "$wrong->[0] is wrong");
    like($said, $wrong->[1], '... and it says why');
}

my $desks = join "\n", map { "location /$_ { editorial_desk d$_; }" } 1 .. 200;
my ($ok, $said) = $t->check("editorial on; server { listen %%PORT%%; $desks "
                            . 'location = /m { editorial_metrics; } }');
ok($ok, 'too many desks are no error');
like($said, qr/\[warn\].*tell 1024 combinations.* apart, 182 more/,
     '... but said');

($ok, $said) = $t->check("editorial on; server { listen %%PORT%%; $desks }");
ok($ok, '... nor counted where nobody asks');
unlike($said, qr/\[warn\]/, '... or said');

# neither zone nor cache

$t->stop;

$t = Test::Editorial->new;
$t->origin('/page' => { body => $page });
$t->run(<<'END');
server {
    listen %%PORT%%;

    location / {
        editorial on;
        editorial_opinion 1;
        proxy_pass http://%%ORIGIN%%;
    }

    location = /metrics {
        editorial_metrics;
    }
}
END

moves('without a zone', sub { $t->get('/page') }, sent('default', 1));
is(scalar(grep { /zone/ } keys %{ metrics() }), 0, '... no numbers of one');

$t->done;


# Changes a byte of the head of a stored page: true where that was possible.

sub damage {
    my ($key) = @_;

    my ($worker) = $t->workers or return;

    open my $maps, '<', "/proc/$worker/maps" or return;
    open my $mem, '+<:raw', "/proc/$worker/mem" or return;

    my $done = 0;

    for (grep { /rw-s.*\/dev\/zero/ } <$maps>) {
        no warnings 'portable';

        my ($from, $to) = map { hex } /^(\w+)-(\w+)/;
        my $bytes = '';

        seek $mem, $from, 0;
        read $mem, $bytes, $to - $from;

        while ($bytes =~ /EdPg.{1,400}?\Q$key\E/sg) {
            # its version, by which it is known as damaged
            seek $mem, $from + $-[0] + 12, 0;
            print $mem "\xff";
            $mem->flush;
            $done++;
        }
    }

    return $done;
}
