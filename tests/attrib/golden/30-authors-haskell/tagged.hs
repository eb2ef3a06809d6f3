-- SPDX-SnippetBegin
-- SPDX-SnippetCopyrightText: 2016, The Scheduler Authors
-- SPDX-License-Identifier: BSD-3-Clause
scheduleJobs :: Int -> [(String, Int)] -> Map.Map Int [String]
scheduleJobs workers jobs = foldl' place Map.empty (sortBy (comparing (Down . snd)) jobs)
  where
    place plan (name, cost) =
      let loads = [(sum (Map.findWithDefault [] worker costs), worker) | worker <- [0 .. workers - 1]]
          (_, lightest) = minimum loads
          costs = Map.map (map costOf) plan
      in Map.insertWith (++) lightest [name] plan
    costOf name = fromMaybe 0 (lookup name jobs)
-- SPDX-SnippetEnd
