# SPDX-FileCopyrightText: 2010 Yan Standard <yan@example.org>
# SPDX-License-Identifier: MIT

sub wrap_columns {
    my ($rows, $gap) = @_;
    my @widths;
    for my $row (@$rows) {
        for my $column (0 .. $#$row) {
            my $length = length $row->[$column];
            $widths[$column] = $length if !defined $widths[$column] || $length > $widths[$column];
        }
    }
    return map {
        my $row = $_;
        join $gap, map { sprintf "%-*s", $widths[$_], $row->[$_] } 0 .. $#$row;
    } @$rows;
}
