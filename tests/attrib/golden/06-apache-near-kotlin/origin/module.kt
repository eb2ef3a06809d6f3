fun chunkByWeight(parcels: List<Parcel>, limit: Int): List<List<Parcel>> {
    val chunks = mutableListOf<MutableList<Parcel>>()
    var carried = 0
    for (parcel in parcels.sortedByDescending { it.weight }) {
        require(parcel.weight <= limit) { "parcel ${parcel.name} is too heavy" }
        if (chunks.isEmpty() || carried + parcel.weight > limit) {
            chunks.add(mutableListOf())
            carried = 0
        }
        chunks.last().add(parcel)
        carried += parcel.weight
    }
    val heaviest = chunks.maxByOrNull { chunk -> chunk.sumOf { it.weight } }
    println("heaviest chunk has ${heaviest?.size ?: 0} parcels of ${parcels.size}")
    return chunks.filter { chunk -> chunk.isNotEmpty() }.map { chunk -> chunk.toList() }
}
