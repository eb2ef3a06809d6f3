Set-StrictMode -Version Latest

function Get-StaleBranch {
    param([string]$Repository, [int]$Days = 90)
    $limit = (Get-Date).AddDays(-$Days)
    $lines = git -C $Repository for-each-ref --format '%(refname:short)|%(committerdate:iso8601)' refs/heads
    foreach ($line in $lines) {
        $name, $stamp = $line -split '\|', 2
        $moment = [datetime]::Parse($stamp)
        if ($moment -lt $limit -and $name -notin @('main', 'master')) {
            [pscustomobject]@{ Name = $name; Age = [int]((Get-Date) - $moment).TotalDays }
        }
    }
}
