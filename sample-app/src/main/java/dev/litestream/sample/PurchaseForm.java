package dev.litestream.sample;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import org.jspecify.annotations.Nullable;

/**
 * What the order form sends. Fields are {@code null} until they are filled in.
 *
 * @param customer who orders
 * @param town where to send it
 * @param coffee number of the coffee
 * @param bags how many bags
 * @param note anything else
 */
public record PurchaseForm(
		@NotBlank(message = "Please tell us your name") @Size(max = 80,
				message = "80 characters at most") @Nullable String customer,
		@NotBlank(message = "Where shall we send it?") @Size(max = 80,
				message = "80 characters at most") @Nullable String town,
		@NotNull(message = "Please choose a coffee") @Nullable Long coffee,
		@NotNull(message = "How many bags?") @Min(value = 1, message = "One bag at least") @Max(value = 50,
				message = "50 bags at most") @Nullable Integer bags,
		@Size(max = 200, message = "200 characters at most") @Nullable String note) {

	static PurchaseForm empty() {
		return new PurchaseForm(null, null, null, 1, null);
	}

}
