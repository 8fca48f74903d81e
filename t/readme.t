#!/usr/bin/perl

# The README says what the sources say, no less and no more; its
# configurations and those of conf-examples are good.

use strict;
use warnings;

use File::Copy ();
use File::Temp ();
use FindBin;

use Test::More;

my $root = "$FindBin::Bin/..";
my $nginx = $ENV{EDITORIAL_NGINX} || '/usr/sbin/nginx';
my $module = $ENV{EDITORIAL_MODULE};

my $readme = slurp('README.md');
my $glue = join '', map { slurp($_) } sources('src/*.c');
my $policy = slurp('src/furniture/ed_policy.c');

my ($directives) = $readme =~ /^## Directives\n(.*?)^## /ms;
my ($variables) = $readme =~ /^## Variables\n(.*?)^## /ms;
my ($failures) = $readme =~ /^## When something fails\n(.*?)^## /ms;
my ($templates) = $readme =~ /^## Templates\n(.*?)^## /ms;
my ($languages) = $readme =~ /^### Languages\n(.*?)^## /ms;

# directives

my %flags = $glue =~ /\{ ngx_string\("(editorial\w*)"\),\s+(NGX_HTTP_\S+),/g;
my @table = keys %flags;
my @setters = $policy =~ /\{ ED_S\("(editorial\w*)"\), ed_set_/g;
my %section;

$section{$1} = $2 while $directives =~ /^### (\S+)\n(.*?)(?=^### |\z)/gms;

is_deeply([sort keys %section], [sort @table],
          "the README's directives are the module's");
is(join(' ', grep { my $name = $_; !grep { $_ eq $name } @table } @setters),
   '', 'the module has every directive that a policy has');

for my $name (sort keys %section) {
    my $text = $section{$name};
    my $flags = $flags{$name} || '';
    my $context = $flags =~ /^NGX_HTTP_LOC_CONF/ ? 'location'
                  : $flags =~ /^NGX_HTTP_MAIN_CONF/ ? 'http'
                  : 'http, server, location';

    like($text, qr/^\n\*\*Syntax:\*\*\ `$name\b.*?
                   \n\n\*\*Default:\*\*\ .*?
                   \n\n\*\*Context:\*\*\ \Q$context\E\n\n\S/sx,
         "$name: syntax, default, context");
}

# parameters

my %feature = (RM => 'read_more', PQ => 'pull_quote', DI => 'disclaimer');
my %param;

while ($policy =~ /\{ ED_S\("(\w+=)"\), (ED_\w+(?:\|ED_\w+)*),/g) {
    my ($name, $of) = ($1, $2);
    push @{ $param{$feature{$_}} }, $name for $of =~ /ED_(\w+)/g;
}

for my $feature (sort values %feature) {
    my $text = $section{"editorial_$feature"};
    my ($syntax) = $text =~ /^\*\*Syntax:\*\* (.*)/m;
    my @said = $text =~ /^\* `(\w+=)/mg;

    is_deeply([sort @said], [sort @{ $param{$feature} }],
              "$feature: every parameter is explained");
    is_deeply([sort $syntax =~ /\[(\w+=)/g], [sort @{ $param{$feature} }],
              "$feature: and is in the syntax");
}

my ($text) = $policy =~ /ed_default_text = ED_S\((.*?)\);/s;
$text = join '', $text =~ /"([^"]*)"/g;
like($directives =~ s/\s+/ /gr, qr/\Q$text\E/, "the disclaimer's text");

# variables, skips, words, languages

is_deeply([sort $variables =~ /^### \$(\w+)/mg],
          [sort $glue =~ /\{ ngx_string\("(editorial\w+)"\), NULL,/g],
          "the README's variables are the module's");

my ($ours) = $glue =~ /ngx_http_editorial_skip_names\[.*?\{(.*?)\};/s;
my ($cores) = slurp('src/page/ed_rewrite.c')
              =~ /ed_skip_names\[ED_SKIPS\] = \{(.*?)\};/s;
my %skip = map { $_ => 1 } grep { length }
           ($ours =~ /ngx_string\("(.*?)"\)/g), $cores =~ /ED_S\("(.*?)"\)/g;
my @said = map { s/ NAME$//r }
           map { /`([^`]+)`/g }
           map { (split /\|/)[1] }
           grep { /^\| `(?!\$)/ } split /\n/, $failures;

is_deeply([sort @said], [sort keys %skip], 'the reasons of $editorial_skip');

my ($words) = slurp('src/furniture/ed_markup.c')
              =~ /ed_word_names\[ED_WORDS\] = \{(.*?)\};/s;

is_deeply([sort map { /\{\{(\w+)\}\}/g } grep { /^\|/ } split /\n/, $templates],
          [sort $words =~ /"(\w+)"/g], 'the words of templates');

my %english = (en => 'English', ar => 'Arabic', es => 'Spanish',
    fr => 'French', de => 'German', ru => 'Russian', tr => 'Turkish',
    pt => 'Portuguese', zh => 'Chinese', it => 'Italian', nl => 'Dutch',
    pl => 'Polish', uk => 'Ukrainian', he => 'Hebrew', fa => 'Persian',
    ur => 'Urdu', hi => 'Hindi', ja => 'Japanese', ko => 'Korean',
    id => 'Indonesian', sv => 'Swedish', el => 'Greek');
my ($list) = $languages =~ /: (English, .*?);/s;

is_deeply([sort split /,\s+/, $list],
          [sort map { $english{$_} || $_ }
                slurp('src/furniture/ed_language.c')
                =~ /^    \{ ED_STR\("(\w\w)"\), ED_STR/mg],
          'the languages');

# custom properties of the stylesheet

my $css = slurp('src/assets/furniture.css');
my %property = map { $_ => 1 } $css =~ /var\((--editorial-(?!own-)[\w-]+)/g;

is_deeply([sort $readme =~ /^\| `(--editorial[\w-]+)`/mg],
          [sort keys %property], "the stylesheet's custom properties");
is_deeply([sort $css =~ /^ \*     (--editorial-[\w-]+)  /mg],
          [sort keys %property], '... and in its own head');

# what the script counts and keeps

my $js = slurp('src/assets/furniture.js');
my ($counting) = $readme =~ /^### Counting\n(.*?)^### /ms;
my %event = map { $_ => 1 } $js =~ /\bcount\(f, '(\w+)'\)/g;

is_deeply([sort $counting =~ /^\| `(\w+)` \|/mg], [sort keys %event],
          'the events that are counted');
is_deeply([sort $js =~ /^ \*     (\w+)  /mg], [sort keys %event],
          "... in the script's own head");
like($js, qr/KEY = `editorial:\$\{desk\}:`/, 'where they are kept');
like($js, qr/BODY = 4096;/, 'what is sent at once');

# what explain says of a gap

my $link = slurp('src/furniture/ed_link.c');
my ($placement) = $readme =~ /^## How placement decides\n(.*?)^## /ms;
my @reasons = $placement =~ /^\|[^|]+\| `(.*?)` \|$/mg;

cmp_ok(scalar @reasons, '==', 7, 'the reasons to refuse a gap');

for my $reason (@reasons) {
    my $start = $reason =~ s/(?: …|=N .*)$//r;
    like($link, qr/"\Q$start\E/, $reason);
}

# metrics

my ($metrics) = $readme =~ /^## Metrics\n(.*?)^## /ms;
my @metrics = slurp('src/ngx_http_editorial_metrics.c')
              =~ /\{ ED_S\("(editorial_\w+)"\), "(\w+)",/g;
my @rows = map { /^\| `(\w+)` \| (\w+) \|/ } split /\n/, $metrics;

cmp_ok(scalar @rows, '>', 40, 'there are metrics');
is_deeply(\@rows, \@metrics, 'names and types of metrics, in order');

# links

for my $target ($readme =~ /\]\(([^)#]+)\)/g) {
    ok(-e "$root/$target", "$target is there");
}

my %anchor = map { lc =~ s/[^\w\s-]//gr =~ s/ /-/gr => 1 }
             $readme =~ /^##+ (.*)/mg;

for my $target ($readme =~ /\]\(#([^)]+)\)/g) {
    ok($anchor{$target}, "#$target is there");
}

# the page before and after

my ($before, $after) = $readme =~ /^```html\n(.*?)^```/gms;
my @around = ('<!DOCTYPE html><html lang="en"><meta charset="utf-8">'
              . '<meta name="author" content="Mirela Castagne">'
              . "<article>\n", "</article>\n");

my $dir = File::Temp::tempdir('editorial-readme-XXXXXX', TMPDIR => 1,
                              CLEANUP => 1);

spew("$dir/page", $around[0] . $before . $around[1]);
spew("$dir/policy", 'editorial_opinion 1;');

is(`$FindBin::Bin/tools/rewrite --policy $dir/policy $dir/page`,
   $around[0] . $after . $around[1], 'the page before and after');

# records

my ($records) = $readme =~ /^## Records\n(.*?)^## /ms;
my ($record) = $records =~ /SET \S+ '(\{.*?^\})'$/ms;
my ($refused) = $records =~ /is ignored: (.*)$/m;
my $rewrite = "$FindBin::Bin/tools/rewrite --record $dir/record $dir/page 2>&1";

spew("$dir/record", $record);
like(`$rewrite`, qr/She sells boats, and says so/, 'the record is a good one');
is($?, 0, '... and no error');

spew("$dir/record", '{"red_more": []}');
like(`$rewrite`, qr/\Q$refused\E/, '... and that one is refused');

for my $field (slurp('src/furniture/ed_record.c') =~ /^    \{ "(\w+)", ed_/mg) {
    like($records, qr/^\| `$field` \|/m, "a record's $field");
}

# configurations

mkdir "$dir/$_" for qw(modules logs conf conf/templates);
symlink $module, "$dir/modules/ngx_http_editorial_module.so" if $module;

for my $file (glob "$root/conf-examples/templates/*") {
    File::Copy::copy($file, "$dir/conf/templates/") or die "$file: $!";
}

for my $name (qw(mime.types fastcgi_params)) {
    File::Copy::copy("/etc/nginx/$name", "$dir/conf/")
        or spew("$dir/conf/$name", '');
}

spew("$dir/conf/redis.password", "secret\n");

my ($n, $socket) = (0, 0);

for my $block ($readme =~ /^```nginx\n(.*?)^```/gms) {
    good("the README's " . ++$n . '. configuration', $block);
}

for my $file (sources('conf-examples/*.conf')) {
    good($file, slurp($file));
}

done_testing();


sub good {
    my ($name, $conf) = @_;

    # this machine's ports and logs are not ours
    $conf =~ s/^(\s*listen) 80;/"$1 unix:$dir\/s" . ++$socket . ';'/mge;
    $conf =~ s/\/var\/log\/nginx/$dir\/logs/g;
    $conf =~ s/^load_module.*\n//m unless $module;
    $conf =~ s/^http \{/http {\n    access_log $dir\/logs\/main.log;/m;

    for my $kind (qw(client_body proxy fastcgi uwsgi scgi)) {
        $conf =~ s/^http \{/http {\n    ${kind}_temp_path $dir\/$kind;/m;
    }

    spew("$dir/conf/nginx.conf", "pid $dir/pid;\nerror_log stderr;\n$conf");

    my $said = `$nginx -t -p $dir/ -c conf/nginx.conf -e stderr 2>&1`;

    is($?, 0, "$name is good") or diag($said);
    unlike($said, qr/\[(?:warn|error|crit|alert|emerg)\]/, '... no warning');
}


sub sources {
    my ($pattern) = @_;

    return map { s/^\Q$root\E\///r } glob "$root/$pattern";
}


sub slurp {
    my ($file) = @_;

    open my $fh, '<', "$root/$file" or die "$file: $!\n";
    local $/;

    return scalar <$fh>;
}


sub spew {
    my ($file, $content) = @_;

    open my $fh, '>', $file or die "$file: $!\n";
    print $fh $content;
    close $fh or die "$file: $!\n";
}
